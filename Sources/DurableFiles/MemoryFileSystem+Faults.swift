internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

extension MemoryFileSystem {
  /// What of the unsynced changes a power cut keeps.
  package enum Survival: Sendable {
    /// Nothing: the disk holds exactly what was synced.
    case nothing
    /// A seeded part: each directory keeps a prefix of its changed names, and each file, at the
    /// grain of 512-byte sectors, any of its writes, in any order.
    case someOf(seed: UInt64)
    /// Everything, as when only the process dies.
    case everything
  }

  /// A failure to come.
  package struct InjectedFault: Sendable {
    let firstCall: Int
    let lastCall: Int
    let errorNumber: Int32
    var isShortWrite = false
    var isOfOpens = false

    func isDue(at call: Int, _ operation: FileFault.Operation?) -> Bool {
      firstCall <= call && call <= lastCall
        && (!isOfOpens || [.open, .list, .lock, .syncDirectory].contains(operation))
    }

    /// Fails one call with an input/output error.
    ///
    /// - Parameter call: Which call, counted like ``MemoryFileSystem/callCount``, from 1.
    /// - Returns: The fault.
    package static func inputOutputError(atCall call: Int) -> InjectedFault {
      InjectedFault(firstCall: call, lastCall: call, errorNumber: EIO)
    }

    /// Fails every call from one on, as when the machine has stopped.
    ///
    /// - Parameter call: The first call to fail.
    /// - Returns: The fault.
    package static func stop(atCall call: Int) -> InjectedFault {
      InjectedFault(firstCall: call, lastCall: .max, errorNumber: EIO)
    }

    /// Fails one call because the disk is full; a write gets half of its bytes in first.
    ///
    /// - Parameter call: Which call.
    /// - Returns: The fault.
    package static func diskFull(atCall call: Int) -> InjectedFault {
      InjectedFault(firstCall: call, lastCall: call, errorNumber: ENOSPC, isShortWrite: true)
    }

    /// Fails one call for lack of file descriptors, if it is one that takes a descriptor.
    ///
    /// - Parameter call: Which call.
    /// - Returns: The fault.
    package static func tooManyOpenFiles(atCall call: Int) -> InjectedFault {
      InjectedFault(firstCall: call, lastCall: call, errorNumber: EMFILE, isOfOpens: true)
    }
  }

  /// How many calls were made so far, failed ones included.
  package var callCount: Int { disk.withLock { $0.callCount } }

  /// How many calls an injected fault failed so far.
  package var failedCallCount: Int { disk.withLock { $0.failedCallCount } }

  /// How many times a file was synced with success.
  package var syncCount: Int { disk.withLock { $0.syncCount } }

  /// The bytes of every file that has a name, by path, without counting as a call.
  package var namedContents: [String: [UInt8]] {
    disk.withLock { disk in
      var contents: [String: [UInt8]] = [:]
      for case (let path, .file(let number)) in disk.names {
        contents[path] = disk.files[number].current
      }
      return contents
    }
  }

  /// What the disk's free room holds: the last bytes of every file without a name, which nothing here
  /// writes over.
  package var freedContents: [[UInt8]] {
    disk.withLock { disk in
      let named = disk.names.values.compactMap { entry -> Int? in
        if case .file(let number) = entry { number } else { nil }
      }
      return disk.files.indices.filter { !named.contains($0) }.map { disk.files[$0].current }
    }
  }

  /// Adds a failure to come.
  ///
  /// - Parameter fault: What fails, and when.
  package func inject(_ fault: InjectedFault) {
    disk.withLock { $0.faults.append(fault) }
  }

  /// Cuts the power and turns it on again: unsynced changes are lost as `survival` says, open
  /// files and locks are dead, and injected faults are over.
  ///
  /// - Parameter survival: What of the unsynced changes is kept.
  package func crash(_ survival: Survival = .nothing) {
    disk.withLock { $0.crash(survival) }
  }

  /// Damages a file at rest, without counting as a call.
  ///
  /// - Parameters:
  ///   - path: The file to damage; nothing happens if there is none.
  ///   - offset: The byte to change; nothing happens past the end.
  ///   - mask: The bits to flip.
  package func flipBits(of path: String, at offset: Int, mask: UInt8) {
    disk.withLock { disk in
      guard case .file(let number) = disk.names[path] else { return }
      guard offset < disk.files[number].current.count else { return }
      disk.files[number].current[offset] ^= mask
      if offset < disk.files[number].durable.count { disk.files[number].durable[offset] ^= mask }
    }
  }
}

extension MemoryDisk {
  /// See ``MemoryFileSystem/crash(_:)``.
  mutating func crash(_ survival: MemoryFileSystem.Survival) {
    age += 1
    locks.removeAll()
    faults.removeAll()
    switch survival {
    case .nothing: break
    case .everything: keepEverything()
    case .someOf(let seed):
      var draws = SeededDraws(seed: seed)
      keepSome(&draws)
    }
    comeBack()
  }

  /// Makes what is durable all there is, as after a power cut.
  mutating func comeBack() {
    unsyncedNames.removeAll()
    names = durableNames.filter { path, _ in leadsFromRoot(path) }
    durableNames = names
    for number in files.indices {
      files[number].unsynced.removeAll()
      files[number].current = files[number].durable
    }
  }

  private mutating func keepEverything() {
    for (_, change, _) in unsyncedNames { Self.apply(change, to: &durableNames) }
    for number in files.indices { files[number].sync() }
  }

  /// Files lose the names whose directory was lost.
  private func leadsFromRoot(_ path: String) -> Bool {
    if path == "/" { return true }
    let parent = parentDirectory(of: path)
    return durableNames[parent] == .directory && leadsFromRoot(parent)
  }

  private mutating func keepSome(_ draws: inout SeededDraws) {
    let directories = Set(unsyncedNames.map(\.directory)).sorted()
    for directory in directories {
      let changes = unsyncedNames.filter { $0.directory == directory }
      for (_, change, _) in changes.prefix(draws.next(below: changes.count + 1)) {
        Self.apply(change, to: &durableNames)
      }
    }
    for number in files.indices { files[number].keepSome(&draws) }
  }
}

extension MemoryFileContent {
  /// Applies a seeded part of the unsynced changes: each sector of each write is kept or lost.
  mutating func keepSome(_ draws: inout SeededDraws) {
    for (change, _) in unsynced {
      switch change {
      case .truncate:
        if draws.next(below: 2) == 0 { Self.apply(change, to: &durable) }
      case .write(let offset, let run):
        for part in Self.sectors(offset, run) where draws.next(below: 2) == 0 {
          Self.apply(part, to: &durable)
        }
      }
    }
  }

  /// Splits a write at the disk's sector boundaries: a sector is written whole or not at all.
  static func sectors(_ offset: Int, _ run: [UInt8]) -> [Change] {
    let sectorBytes = 512
    var parts: [Change] = []
    var start = 0
    while start < run.count {
      let end = min(run.count, start + sectorBytes - (offset + start) % sectorBytes)
      parts.append(.write(offset + start, [UInt8](run[start..<end])))
      start = end
    }
    return parts
  }
}

/// Repeatable draws: SplitMix64, Steele et al., *Fast Splittable Pseudorandom Number Generators*,
/// 2014.
struct SeededDraws {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed &>> 31)) % UInt64(bound))
  }
}
