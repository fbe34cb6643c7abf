internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

// salts := mark 8 bytes `DAYBKSLT`, version u32 = 1, generation varint, position varint, book 16 bytes,
//          window count varint, window salts*, checksum u32
//
// Ascending by origin, then window. Two copies, `log/salts` and `log/salts.bak`; the one with the
// higher generation counts. Not derivable: without it events cannot be proved, and whoever keeps a
// copy of it can confirm guesses about what was erased.

/// The secret salts of all events held: a salt tree for each window of each origin.
struct SaltTable: Equatable, Sendable {
  private var trees: [Place: SaltTree] = [:]
  /// Grows by one with each change that is saved.
  var generation: UInt64 = 0
  /// The last position of the log when the table was saved: it has the salts of the events up to
  /// there, less what was destroyed.
  private(set) var savedPosition: UInt64 = 0
  /// How long the saved form is; 0 if none is.
  private(set) var savedByteCount: UInt64 = 0
  /// Whether it has grown since it was saved.
  private(set) var isChanged = false

  /// A window of an origin.
  struct Place: Hashable {
    let origin: OriginID
    let window: UInt64

    /// The window that an event belongs to.
    init(of dot: Dot) {
      self.init(origin: dot.origin, window: WindowSalts.window(of: dot.sequence))
    }

    init(origin: OriginID, window: UInt64) {
      self.origin = origin
      self.window = window
    }
  }

  static let mark = [UInt8]("DAYBKSLT".utf8)
  static let version: UInt32 = 1
  static let byteCountMax = 1 << 30

  init() {}

  /// Whether the salts of a window are known.
  func contains(_ window: UInt64, of origin: OriginID) -> Bool {
    trees[Place(origin: origin, window: window)] != nil
  }

  /// Adds the windows of a write-ahead frame. Those of a frame that was there when the table was saved
  /// are in it, less what was destroyed since, and are passed over, so that nothing comes back.
  ///
  /// - Parameters:
  ///   - windows: The windows, as they were when the frame was written.
  ///   - position: The position of the frame's first event.
  mutating func replay(_ windows: [WindowSalts], at position: UInt64) {
    guard position > savedPosition else { return }
    for window in windows { add(window) }
  }

  /// Adds a window that was made from what is here. One that is there already stays, unless the new
  /// one has all of its salts and more: then it has grown.
  mutating func add(_ salts: WindowSalts) {
    let place = Place(origin: salts.origin, window: salts.window)
    if let known = trees[place], known == salts.tree || !salts.tree.covers(known) { return }
    trees[place] = salts.tree
    isChanged = true
  }

  /// Whether any salt of an event is left.
  func contains(_ dot: Dot) -> Bool {
    trees[Place(of: dot)]?.contains(dot.windowIndex) ?? false
  }

  /// Whether the salt of a section of an event is left.
  func contains(_ dot: Dot, section: Int) -> Bool {
    guard dot.sequence > 0 else { return false }
    return trees[Place(of: dot)]?.contains(
      dot.windowIndex, section: UInt8(truncatingIfNeeded: section)) ?? false
  }

  /// Destroys the salts of sections of an event. Idempotent.
  ///
  /// - Parameters:
  ///   - sections: Their numbers.
  ///   - dot: The event.
  ///   - count: How many sections it has.
  mutating func erase(_ sections: [Int], of dot: Dot, sectionCount count: Int) {
    for section in sections where contains(dot, section: section) {
      trees[Place(of: dot)]?.erase(
        section: UInt8(truncatingIfNeeded: section), of: dot.windowIndex, sectionCount: count)
      isChanged = true
    }
  }

  /// What the window of `events` has to be, so that what `offered` proved of them is kept, and no more.
  ///
  /// - Parameters:
  ///   - events: New events of one window, proved with the salts offered.
  ///   - offered: A copy of the window, of which only what these events prove can be trusted.
  ///   - held: The sequences held before, whose salts stay as they are here.
  /// - Returns: The window, or nothing when it stays as it is.
  func joining(
    _ events: [Event], _ offered: WindowSalts, held: IntervalSet
  ) -> WindowSalts? {
    let place = Place(origin: offered.origin, window: offered.window)
    let known = trees[place]
    var tree = known ?? offered.tree
    if known == nil { tree.keepOnly(Set(events.map(\.dot.windowIndex))) }
    let start = offered.window * UInt64(SaltTree.indexCount) + 1
    for event in events {
      tree.take(
        event.dot.windowIndex, from: offered.tree, sectionCount: event.sections.count
      ) { indexes in
        let (first, last) = (start + UInt64(indexes.lowerBound), start + UInt64(indexes.upperBound))
        return !held.runs.contains { $0.first < last && first <= $0.last }
      }
    }
    guard tree != known else { return nil }
    return WindowSalts(origin: offered.origin, window: offered.window, tree: tree)
  }

  /// The salts of the windows that a run touches, as far as they are known, ascending.
  func windows(of origin: OriginID, touching run: IntervalSet.Run) -> [WindowSalts] {
    WindowSalts.windows(of: run).compactMap { window in
      trees[Place(origin: origin, window: window)].map {
        WindowSalts(origin: origin, window: window, tree: $0)
      }
    }
  }

  /// The tree of a window.
  func tree(_ window: UInt64, of origin: OriginID) -> SaltTree? {
    trees[Place(origin: origin, window: window)]
  }

  /// How many windows of each origin there are; origins ascend.
  var windowCounts: [(origin: OriginID, count: Int)] {
    Dictionary(grouping: trees.keys, by: \.origin)
      .map { (origin: $0.key, count: $0.value.count) }
      .sorted { $0.origin < $1.origin }
  }

  /// The salts of one event. For many, ``SaltCursor`` is faster.
  func salts(of dot: Dot) -> EventSalts {
    var cursor = SaltCursor(self)
    return cursor.salts(of: dot)
  }
}

extension Dot {
  /// Its index in its window.
  fileprivate var windowIndex: Int { Int((sequence - 1) % UInt64(SaltTree.indexCount)) }
}

extension SaltTable {
  /// The saved form of the next generation, with the salts of the events up to a position.
  func encoded(book: BookID, through position: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(Self.version)
    writer.writeVarint(generation + 1)
    writer.writeVarint(position)
    book.write(to: &writer)
    writer.writeVarint(UInt64(trees.count))
    let places = trees.keys.sorted { ($0.origin, $0.window) < ($1.origin, $1.window) }
    for place in places {
      guard let tree = trees[place] else { continue }
      WindowSalts(origin: place.origin, window: place.window, tree: tree).write(to: &writer)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Takes note that ``encoded(book:through:)`` was saved.
  mutating func noteSaved(byteCount: Int, through position: UInt64) {
    generation += 1
    savedPosition = position
    savedByteCount = UInt64(byteCount)
    isChanged = false
  }

  /// Reads a copy and checks it.
  init(_ bytes: [UInt8], book: BookID) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == Self.version
    else { throw .notCanonical(field: "mark or version", at: 0) }
    generation = try reader.readVarint()
    savedPosition = try reader.readVarint()
    guard try BookID(from: &reader) == book else { throw .notCanonical(field: "book", at: 12) }
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      add(try WindowSalts(from: &reader))
    }
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
    savedByteCount = UInt64(bytes.count)
    isChanged = false
  }
}

/// Finds the salts of events that come in the order of their sequences, at two hashes each.
struct SaltCursor {
  private let table: SaltTable
  private var origin: OriginID?
  private var window: UInt64 = 0
  private var tree: SaltTree?
  private var leaves: SaltTree.Leaves?
  private var lastIndex = 0
  private var ahead: (index: Int, leaf: Digest256)?

  init(_ table: SaltTable) { self.table = table }

  /// The salts of an event.
  mutating func salts(of dot: Dot) -> EventSalts {
    guard dot.sequence > 0 else { return .none }
    enterWindow(of: dot)
    guard let tree else { return .none }
    let index = Int((dot.sequence - 1) % UInt64(SaltTree.indexCount))
    move(to: index, in: tree)
    if let ahead, ahead.index == index { return .leaf(ahead.leaf) }
    var kept: [UInt8: Digest256] = [:]
    for section in 0..<UInt8(SaltTree.sectionCountMax) {
      if let salt = tree.salt(index, section: section) { kept[section] = salt }
    }
    return .sections(kept)
  }

  private mutating func enterWindow(of dot: Dot) {
    let wanted = WindowSalts.window(of: dot.sequence)
    guard dot.origin != origin || wanted != window else { return }
    (origin, window) = (dot.origin, wanted)
    tree = table.tree(wanted, of: dot.origin)
    leaves = nil
  }

  /// Goes on to the first leaf at or behind an index.
  private mutating func move(to index: Int, in tree: SaltTree) {
    let isNear = leaves != nil && (index == lastIndex || index == lastIndex + 1)
    lastIndex = index
    if isNear {
      if let ahead, ahead.index < index { self.ahead = leaves?.next() }
    } else {
      leaves = tree.leaves(from: index)
      ahead = leaves?.next()
    }
  }
}
