/// A set of sequences as sorted runs that neither touch nor overlap.
///
/// Invariants: every run has `1 <= first <= last`; runs ascend and leave at least one sequence
/// between them. A gapless origin costs one run, whatever its length.
public struct IntervalSet: Hashable, Sendable {
  /// One run of sequences, both ends included.
  public struct Run: Hashable, Sendable {
    /// The lowest sequence of the run.
    public let first: UInt64
    /// The highest sequence of the run.
    public let last: UInt64

    /// The run from `first` to `last`; the order of the two must be right.
    public init(first: UInt64, last: UInt64) {
      precondition(first >= 1 && first <= last, "a run needs 1 <= first <= last")
      self.first = first
      self.last = last
    }

    /// How many sequences the run holds.
    public var count: UInt64 { last - first + 1 }
  }

  /// The runs in ascending order.
  public private(set) var runs: [Run]

  /// The empty set.
  public init() { runs = [] }

  /// The set of one run.
  public init(_ run: Run) { runs = [run] }

  /// The set that `runs`, in any order and overlapping or not, cover together.
  public init(_ runs: some Sequence<Run>) {
    self.init()
    for run in runs { insert(run) }
  }

  /// Whether nothing is held.
  public var isEmpty: Bool { runs.isEmpty }

  /// How many sequences are held.
  public var count: UInt64 { runs.reduce(0) { $0 + $1.count } }

  /// The highest sequence held, or 0.
  public var highest: UInt64 { runs.last?.last ?? 0 }

  /// The end of the run that begins at 1, or 0: up to here nothing is missing.
  public var contiguous: UInt64 { runs.first.map { $0.first == 1 ? $0.last : 0 } ?? 0 }

  /// Whether `sequence` is held. O(log runs).
  public func contains(_ sequence: UInt64) -> Bool {
    let index = firstIndex(endingAtOrAfter: sequence)
    return index < runs.count && runs[index].first <= sequence
  }

  /// Adds one sequence. O(log runs) at the end, O(runs) in the middle.
  public mutating func insert(_ sequence: UInt64) { insert(Run(first: sequence, last: sequence)) }

  /// Adds a run.
  public mutating func insert(_ run: Run) {
    if let end = runs.last, run.first > end.last, run.first - end.last == 1 {
      // The usual case: an origin's next events.
      runs[runs.count - 1] = Run(first: end.first, last: run.last)
      return
    }
    let start = firstIndex(endingAtOrAfter: run.first - 1)
    var end = start
    var first = run.first
    var last = run.last
    while end < runs.count, runs[end].first <= (last == .max ? last : last + 1) {
      first = min(first, runs[end].first)
      last = max(last, runs[end].last)
      end += 1
    }
    runs.replaceSubrange(start..<end, with: CollectionOfOne(Run(first: first, last: last)))
  }

  /// Adds everything `other` holds.
  public mutating func formUnion(_ other: IntervalSet) {
    for run in other.runs { insert(run) }
  }

  /// What this set holds and `other` lacks. O(runs of both).
  public func subtracting(_ other: IntervalSet) -> IntervalSet {
    var result = IntervalSet()
    var index = 0
    for run in runs {
      var next = run.first
      while index < other.runs.count, other.runs[index].last < next { index += 1 }
      var scan = index
      var isExhausted = false
      while scan < other.runs.count, other.runs[scan].first <= run.last {
        let hole = other.runs[scan]
        if hole.first > next { result.runs.append(Run(first: next, last: hole.first - 1)) }
        guard hole.last < run.last else {
          isExhausted = true
          break
        }
        next = max(next, hole.last + 1)
        scan += 1
      }
      if !isExhausted { result.runs.append(Run(first: next, last: run.last)) }
    }
    return result
  }

  /// The sequences missing between 1 and the highest one held.
  public var gaps: IntervalSet {
    isEmpty ? self : IntervalSet(Run(first: 1, last: highest)).subtracting(self)
  }

  /// Index of the first run whose last sequence is `sequence` or more.
  private func firstIndex(endingAtOrAfter sequence: UInt64) -> Int {
    if let last = runs.last, last.last < sequence { return runs.count }
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].last < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// What a replica holds at a moment: for each origin, its sequences.
public struct HeldVector: Hashable, Sendable {
  /// Sequences held by origin; no entry is empty.
  public private(set) var sequences: [OriginID: IntervalSet]

  /// The vector of an empty replica.
  public init() { sequences = [:] }

  /// What is held of `origin`.
  public subscript(origin: OriginID) -> IntervalSet { sequences[origin] ?? IntervalSet() }

  /// Whether the event is held.
  public func contains(_ dot: Dot) -> Bool {
    sequences[dot.origin]?.contains(dot.sequence) ?? false
  }

  /// Adds one event.
  public mutating func insert(_ dot: Dot) {
    sequences[dot.origin, default: IntervalSet()].insert(dot.sequence)
  }

  /// Adds a run of one origin.
  public mutating func insert(_ run: IntervalSet.Run, of origin: OriginID) {
    sequences[origin, default: IntervalSet()].insert(run)
  }

  /// How many events are held.
  public var count: UInt64 { sequences.values.reduce(0) { $0 + $1.count } }

  /// The origins, in byte order.
  public var origins: [OriginID] { sequences.keys.sorted() }

  /// What this vector holds and `other` lacks.
  public func subtracting(_ other: HeldVector) -> HeldVector {
    var result = HeldVector()
    for (origin, held) in sequences {
      let rest = held.subtracting(other[origin])
      if !rest.isEmpty { result.sequences[origin] = rest }
    }
    return result
  }
}
