internal import BinaryCoding
package import DurableFiles
internal import EventModel
internal import HybridTime
package import MerkleProofs
internal import SegmentFormat

/// Makes a damaged store one that opens and verifies, without what is damaged.
///
/// Whatever can be read stays at its position: of segments the blocks that are whole, of write-ahead
/// logs the frames before and behind damage. Indexes and trees are made anew, missing copies written
/// again. Positions of lost events stay empty, and their events can be fetched by a sync. The damaged
/// files are kept in `damaged/`.
///
/// Crash-safe: the new files are durable before the manifest names them, and until then the old one
/// counts. A repair that was cut short can be done again.
///
/// - Parameters:
///   - directory: The store.
///   - fileSystem: The disk.
///   - isDryRun: Whether to change nothing.
///   - makeSeed: Thirty-two random bytes, fit for a secret, at each call.
///   - prepare: Called once before the first change, if there is one.
/// - Returns: What was found and done.
/// - Throws: ``StorageError``: ``StorageError/damaged(_:)`` when nothing can be made of it, as with both
///   manifests or both copies of the salts damaged by more than a bit.
/// - Complexity: Reads the store three times; memory for a segment, or for a write-ahead log.
package func repair(
  directory: String, fileSystem: any FileSystem, isDryRun: Bool,
  makeSeed: @escaping @Sendable () -> Digest256,
  prepare: () throws(FileFault) -> Void = {}
) throws(StorageError) -> RepairReport {
  let files = StoreFiles(directory: directory)
  let isThere = try onDisk { () throws(FileFault) in
    let hasManifest = try fileSystem.exists(files.manifest)
    return hasManifest ? true : try fileSystem.exists(files.manifestCopy)
  }
  guard isThere else { throw .notAStore(directory: directory) }
  var report = try repairLocked(
    files, fileSystem, isDryRun: isDryRun, makeSeed, prepare)
  guard !isDryRun, !report.damages.isEmpty else {
    report.remaining = report.damages
    return report
  }
  // Opening writes missing copies and removes the old files.
  try EventLog.open(at: directory, fileSystem: fileSystem, makeSeed: makeSeed).close()
  report.remaining = try verify(directory: directory, fileSystem: fileSystem).damages
  return report
}

/// The part of a repair that has the store to itself.
private func repairLocked(
  _ files: StoreFiles, _ disk: any FileSystem, isDryRun: Bool,
  _ makeSeed: @escaping @Sendable () -> Digest256, _ prepare: () throws(FileFault) -> Void
) throws(StorageError) -> RepairReport {
  let lock = try EventLog.takeLock(files, disk)
  var repair = try StoreRepair(files, disk, makeSeed)
  try repair.run(isDryRun: isDryRun, prepare)
  withExtendedLifetime(lock) {}
  return repair.report
}

/// A repair under way.
private struct StoreRepair {
  let files: StoreFiles
  let disk: any FileSystem
  let makeSeed: @Sendable () -> Digest256
  var report = RepairReport()
  private var manifest: Manifest
  private var salts = SaltTable()
  private var heads = HeadTable()
  /// The parts of the log in position order.
  private var sources: [SalvageSource] = []
  /// The numbers of the write-ahead logs that are there.
  private var writeAheadNumbers: [UInt64] = []
  /// The position behind the last event that the store held.
  private var endPosition: UInt64 = 1
  /// What a write-ahead log, or a segment, is called that has damaged bytes.
  private let damagedFiles: Set<String>

  init(
    _ files: StoreFiles, _ disk: any FileSystem, _ makeSeed: @escaping @Sendable () -> Digest256
  ) throws(StorageError) {
    self.files = files
    self.disk = disk
    self.makeSeed = makeSeed
    let loaded = try Manifest.loadCorrected(from: files, disk)
    manifest = loaded.manifest
    report.damages = try findDamage(in: files, loaded, disk)
    damagedFiles = Set(
      report.damages.filter { $0.byteCount > 0 || !$0.file.hasSuffix(".seg") }.map(\.file))
  }

  mutating func run(
    isDryRun: Bool, _ prepare: () throws(FileFault) -> Void
  ) throws(StorageError) {
    report.isDryRun = isDryRun
    guard !report.damages.isEmpty else { return }
    salts = try SaltTable.loadCorrected(from: files, manifest, disk)
    heads = try HeadTable.load(from: files, book: manifest.identity.book, disk).table
    heads.keepSigned(in: manifest.identity.book)
    try readSegments()
    try readWriteAheads()
    noteLostPositions()
    try noteLostEvents()
    guard !isDryRun else { return }
    try onDisk(prepare)
    // Derivable, and larger now than what is held.
    if needsRewriting || damagedFiles.contains(files.relative(files.trees)) { try removeTrees() }
    if needsRewriting { try rewrite() } else { try writeCopies() }
  }
}

// MARK: Reading

extension StoreRepair {
  private mutating func readSegments() throws(StorageError) {
    for entry in manifest.segments {
      if damagedFiles.contains("log/" + StoreFiles.segmentName(entry.number)) {
        let salvage = try SegmentSalvage(entry, manifest.identity, in: files, disk)
        sources.append(.damaged(salvage))
      } else {
        let segment = try SealedSegment.open(entry, manifest.identity, files: files, disk)
        sources.append(.kept(segment, entry))
      }
    }
    endPosition = manifest.basePosition
  }

  /// Reads the write-ahead log that the manifest names and, after a seal that was cut short, the one
  /// that continues it.
  private mutating func readWriteAheads() throws(StorageError) {
    let number = manifest.writeAheadNumber
    let first = try readFile(files.writeAhead(number))
    let second = try readFile(files.writeAhead(number + 1))
    let found = second.flatMap {
      try? WriteAheadHeader(Array($0.prefix(WriteAheadHeader.byteCount)))
    }
    let continuing = found.flatMap { isContinuation($0) ? $0 : nil }
    add(
      WriteAheadSalvage(
        first ?? [], header: header(number, manifest.basePosition), cleanEnd: manifest.cleanEnd,
        nextBase: continuing?.basePosition), number)
    guard let second else { return }
    writeAheadNumbers.append(number + 1)
    // A header that can be read and is another's is that of a leftover.
    guard let header = continuing ?? (found == nil ? header(number + 1, endPosition) : nil) else {
      return
    }
    let later = WriteAheadSalvage(second, header: header, cleanEnd: 0, nextBase: nil)
    if !later.frames.isEmpty { add(later, number + 1) }
  }

  private func header(_ number: UInt64, _ basePosition: UInt64) -> WriteAheadHeader {
    WriteAheadHeader(
      book: manifest.identity.book, origin: manifest.identity.origin, number: number,
      basePosition: basePosition)
  }

  private func isContinuation(_ header: WriteAheadHeader) -> Bool {
    header.book == manifest.identity.book && header.origin == manifest.identity.origin
      && header.number == manifest.writeAheadNumber + 1
      && header.basePosition >= manifest.basePosition
  }

  private mutating func add(_ salvage: WriteAheadSalvage, _ number: UInt64) {
    sources.append(.frames(salvage))
    writeAheadNumbers.append(number)
    endPosition = max(endPosition, salvage.endPosition)
    for frame in salvage.frames {
      salts.replay(frame.content.salts, at: frame.header.firstPosition)
      for head in frame.content.heads { heads.add(head) }
    }
  }

  private func readFile(_ path: String) throws(StorageError) -> [UInt8]? {
    try onDisk { () throws(FileFault) in
      guard try disk.exists(path) else { return nil }
      return try disk.readFile(path, byteCountMax: Self.writeAheadByteCountMax)
    }
  }

  private static let writeAheadByteCountMax = 256 << 20

  /// Finds the positions that hold nothing now and were not found lost before.
  private mutating func noteLostPositions() {
    var next: UInt64 = 1
    for range in sources.flatMap(\.positions) + [endPosition..<endPosition] {
      if range.lowerBound > next {
        let lost = next...(range.lowerBound - 1)
        report.lostPositions += lost.parts(outside: manifest.lostPositions)
      }
      next = max(next, range.upperBound)
    }
  }

  /// Finds the events that were held and are not: the footers of damaged segments name them, and so do
  /// gaps, saved trees and the own head.
  private mutating func noteLostEvents() throws(StorageError) {
    var held = HeldVector()
    for source in sources { source.forEachRun { held.insert($1, of: $0) } }
    var known: [OriginID: UInt64] = [:]
    for origin in held.origins { known[origin] = held[origin].highest }
    let own = manifest.identity.origin
    known[own] = max(known[own] ?? 0, heads[own]?.size ?? 0)
    for (origin, tree) in try savedTrees().frontiers {
      known[origin] = max(known[origin] ?? 0, tree.size)
    }
    for case .damaged(let salvage) in sources {
      for run in salvage.segment?.footer.runs ?? [] {
        known[run.origin] = max(
          known[run.origin] ?? 0, run.firstSequence + UInt64(run.rowCount) - 1)
      }
    }
    for (origin, last) in known.sorted(by: { $0.key < $1.key }) {
      for gap in held[origin].runsMissing(through: last) {
        report.lostEvents.append(
          RepairReport.LostRun(origin: origin, sequences: gap.first...gap.last))
      }
    }
  }

  private func savedTrees() throws(StorageError) -> OriginTrees {
    let bytes = try onDisk { () throws(FileFault) in
      guard try disk.exists(files.trees) else { return [UInt8]() }
      return try disk.readFile(files.trees, byteCountMax: OriginTrees.byteCountMax)
    }
    return (try? OriginTrees(bytes, book: manifest.identity.book)) ?? OriginTrees()
  }
}

// MARK: Writing

extension StoreRepair {
  private var needsRewriting: Bool {
    let isSegmentDamaged = sources.contains { source in
      if case .damaged = source { true } else { false }
    }
    return isSegmentDamaged || isOwnEventLost
      || damagedFiles.contains { $0.hasPrefix("log/wal-") }
  }

  /// Whether events are lost and own ones may be among them.
  private var isOwnEventLost: Bool {
    !report.lostPositions.isEmpty
      || report.lostEvents.contains { $0.origin == manifest.identity.origin }
  }

  private func removeTrees() throws(StorageError) {
    try onDisk { () throws(FileFault) in
      guard try disk.exists(files.trees) else { return }
      try disk.remove(files.trees)
      try disk.syncDirectory(files.log)
    }
  }

  /// Writes again what is kept twice.
  private mutating func writeCopies() throws(StorageError) {
    let book = manifest.identity.book
    try salts.save(to: files, book: book, through: endPosition - 1, disk)
    try heads.save(to: files, book: book, disk)
    manifest.generation += 1
    try manifest.write(to: files, disk)
  }

  /// Writes what is whole of damaged files as segments, and a manifest without these files.
  private mutating func rewrite() throws(StorageError) {
    try keepDamagedFiles()
    let echoes = try EchoRepair(sources, lost: report.lostPositions)
    var next = manifest
    next.generation += 1
    next.identity = identityBehindLosses
    report.didDrawIncarnation = next.identity != manifest.identity
    var output = SalvageOutput(
      next.identity, firstNumber: (manifest.segments.map(\.number).max() ?? 0) + 1,
      salts: salts, files: files, disk)
    for source in sources {
      if case .kept(_, let entry) = source, !echoes.changes(anyOf: source) {
        try output.keep(entry)
      } else {
        try source.forEachEvent { salvaged throws(StorageError) in
          try output.add(echoes.applied(to: salvaged))
        }
      }
    }
    try output.endSegment()
    report.writtenSegments = output.writtenCount
    next.segments = output.entries
    next.basePosition = endPosition
    next.writeAheadNumber = (writeAheadNumbers.max() ?? manifest.writeAheadNumber) + 1
    next.cleanEnd = 0
    try salts.save(to: files, book: next.identity.book, through: endPosition - 1, disk)
    try heads.save(to: files, book: next.identity.book, disk)
    let header = WriteAheadHeader(
      book: next.identity.book, origin: next.identity.origin, number: next.writeAheadNumber,
      basePosition: next.basePosition)
    try onDisk { () throws(FileFault) in
      _ = try WriteAheadLog.create(
        files.writeAhead(header.number), header, disk, zeroedAheadByteCount: 0)
      try disk.syncDirectory(files.log)
    }
    try next.write(to: files, disk)
    manifest = next
  }

  /// A new incarnation if events are lost: own ones may be among them, and their sequences must not be
  /// given away again.
  private var identityBehindLosses: LogIdentity {
    guard isOwnEventLost else { return manifest.identity }
    return manifest.identity.with(
      origin: OriginID(
        incarnation: makeSeed().prefix64, key: manifest.identity.origin.key))
  }

  /// Copies the damaged files to `damaged/`, where nothing removes them.
  private mutating func keepDamagedFiles() throws(StorageError) {
    let names = damagedFiles.filter { $0.hasSuffix(".seg") || $0.hasPrefix("log/wal-") }.sorted()
    try onDisk { () throws(FileFault) in
      try disk.makeDirectory(files.damaged)
      try disk.syncDirectory(files.directory)
    }
    for name in names {
      let source = files.directory + "/" + name
      guard try onDisk({ () throws(FileFault) in try disk.exists(source) }) else { continue }
      let kept = files.damaged + "/\(manifest.generation)-" + name.dropFirst(4)
      try onDisk { () throws(FileFault) in
        let copy = try disk.open(kept, for: .replacing)
        _ = try StoredFile(reading: disk.open(source, for: .reading)) {
          piece, offset throws(FileFault) in
          try copy.write(piece.span, at: offset)
        }
        try copy.syncData()
      }
      report.keptFiles.append(files.relative(kept))
    }
    try onDisk { () throws(FileFault) in try disk.syncDirectory(files.damaged) }
  }
}

extension Manifest {
  /// The positions that no file covers, ascending: events that were lost.
  var lostPositions: [ClosedRange<UInt64>] {
    var lost: [ClosedRange<UInt64>] = []
    var next: UInt64 = 1
    for segment in segments {
      if segment.firstPosition > next { lost.append(next...(segment.firstPosition - 1)) }
      next = segment.firstPosition + UInt64(segment.rowCount)
    }
    if basePosition > next { lost.append(next...(basePosition - 1)) }
    return lost
  }
}

extension ClosedRange<UInt64> {
  /// What is left of it without some ascending ranges.
  fileprivate func parts(outside others: [ClosedRange<UInt64>]) -> [ClosedRange<UInt64>] {
    var parts: [ClosedRange<UInt64>] = []
    var next = lowerBound
    for other in others where other.overlaps(self) {
      if other.lowerBound > next { parts.append(next...(other.lowerBound - 1)) }
      next = Swift.max(next, other.upperBound + 1)
    }
    if next <= upperBound { parts.append(next...upperBound) }
    return parts
  }
}

extension IntervalSet {
  /// The runs of sequences up to one that are not in the set.
  fileprivate func runsMissing(through last: UInt64) -> [Run] {
    var missing = gaps.runs
    if highest < last { missing.append(Run(first: highest + 1, last: last)) }
    return missing
  }
}
