// Every state in which a power cut may leave a disk, one after the other, where ``MemoryFileSystem/crash(_:)``
// draws one of them.
//
// What is not durable falls into pieces: a changed name, a sector of a write, a change of length. A
// disk keeps any of them and loses the others, in any order; where several change the same name or
// sector, a later one counts before an earlier one. So a state is a set of pieces kept.

extension MemoryFileSystem {
  /// A disk at the moment before a call, as a power cut may find it. A value: the disk goes on without it.
  package struct Moment: Sendable {
    private let disk: MemoryDisk
    private let pieces: [UnsyncedPiece]

    init(_ disk: MemoryDisk) {
      self.disk = disk
      pieces = disk.unsyncedPieces
    }

    /// How many pieces may be kept or lost.
    package var pieceCount: Int { pieces.count }

    /// What of the pieces a power cut may keep, without repetition.
    ///
    /// All prefixes of the changes in the order they were made; each piece lost alone; each piece kept
    /// alone; each pair of pieces in the wrong order, which is the later one and all before it but for
    /// the earlier one. For few pieces these are all sets there are.
    ///
    /// - Parameters:
    ///   - countMax: How many to return at most; of more than these, a seeded choice.
    ///   - seed: What chooses.
    /// - Returns: The sets of pieces kept.
    /// - Complexity: O(pieces³).
    package func crashStates(countMax: Int, seed: UInt64) -> [CrashState] {
      var states: [CrashState] = []
      var known: Set<CrashState> = []
      func add(_ keeps: (Int) -> Bool) {
        let state = CrashState(kept: pieces.indices.map(keeps))
        if known.insert(state).inserted { states.append(state) }
      }
      for count in 0...pieces.count { add { $0 < count } }
      for lost in pieces.indices { add { $0 != lost } }
      for kept in pieces.indices { add { $0 == kept } }
      for later in pieces.indices.dropFirst() {
        for earlier in 0..<later { add { $0 <= later && $0 != earlier } }
      }
      var draws = SeededDraws(seed: seed)
      while states.count > max(1, countMax) {
        states.swapAt(draws.next(below: states.count), states.count - 1)
        states.removeLast()
      }
      return states
    }

    /// The disk after the power came back.
    ///
    /// - Parameter state: What it kept, one of this moment's.
    /// - Returns: A disk of its own, without faults and locks, at the same place.
    package func disk(after state: CrashState) -> MemoryFileSystem {
      var disk = disk
      for (piece, isKept) in zip(pieces, state.kept) where isKept { disk.keep(piece) }
      disk.observer = nil
      disk.faults.removeAll()
      disk.locks.removeAll()
      disk.comeBack()
      return MemoryFileSystem(disk)
    }
  }

  /// Which of a moment's pieces a power cut kept, in the order they were made.
  package struct CrashState: Hashable, Sendable {
    let kept: [Bool]
  }

  /// Shows the disk before each call that follows a change, so that every state is among those shown
  /// that a power cut could leave between two calls, or during one.
  ///
  /// - Parameter observer: Called while the disk is locked: it must not use it, but may keep what it is
  ///   shown. Nothing ends the showing.
  package func observe(_ observer: @escaping @Sendable (Moment) -> Void) {
    disk.withLock { $0.observer = observer }
  }

  /// The disk as it is now, as a power cut may find it.
  package var moment: Moment { disk.withLock { Moment($0) } }

  /// A number that is the same for disks whose named files are the same, in this process.
  package var contentHash: Int {
    disk.withLock { disk in
      var hasher = Hasher()
      for (path, entry) in disk.names.sorted(by: { $0.key < $1.key }) {
        hasher.combine(path)
        if case .file(let number) = entry { hasher.combine(disk.files[number].current) }
      }
      return hasher.finalize()
    }
  }
}

/// What a disk keeps or loses as a whole.
struct UnsyncedPiece {
  enum Change {
    case name(MemoryDisk.NameChange)
    case bytes(Int, MemoryFileContent.Change)
  }

  let change: Change
  /// Its place in the order of changes.
  let stamp: Int
}

extension MemoryDisk {
  /// What is not durable, in the order it was changed; the sectors of one write ascend.
  var unsyncedPieces: [UnsyncedPiece] {
    var pieces = unsyncedNames.map { UnsyncedPiece(change: .name($0.change), stamp: $0.stamp) }
    for (number, file) in files.enumerated() {
      for (change, stamp) in file.unsynced {
        pieces += change.pieces.map { UnsyncedPiece(change: .bytes(number, $0), stamp: stamp) }
      }
    }
    // Stable: a write's sectors share a stamp.
    return pieces.enumerated().sorted {
      ($0.element.stamp, $0.offset) < ($1.element.stamp, $1.offset)
    }.map(\.element)
  }

  /// Makes one piece durable, and nothing else.
  mutating func keep(_ piece: UnsyncedPiece) {
    switch piece.change {
    case .name(let change): Self.apply(change, to: &durableNames)
    case .bytes(let number, let change):
      MemoryFileContent.apply(change, to: &files[number].durable)
    }
  }
}

extension MemoryFileContent.Change {
  fileprivate var pieces: [MemoryFileContent.Change] {
    switch self {
    case .truncate: [self]
    case .write(let offset, let run): MemoryFileContent.sectors(offset, run)
    }
  }
}
