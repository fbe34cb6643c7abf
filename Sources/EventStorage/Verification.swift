internal import BinaryCoding
package import DurableFiles
internal import EventModel
internal import HybridTime
internal import MerkleProofs
internal import SegmentFormat

/// What a store's files are worth, found by reading every byte of them.
public struct VerificationReport: Equatable, Sendable {
  /// Events that were read and found whole.
  public internal(set) var events = 0
  /// Sealed segments that were read.
  public internal(set) var segments = 0
  /// Blocks that were decompressed and taken apart.
  public internal(set) var blocks = 0
  /// Frames of the write-ahead log that were read.
  public internal(set) var frames = 0
  /// Bytes of an unacknowledged batch at the end of the write-ahead log: not damage, opening the
  /// store cuts them off.
  public internal(set) var unacknowledgedByteCount: UInt64 = 0
  /// Heads that were checked.
  public internal(set) var heads = 0
  /// Origins that are proved to have forked: not damage of this store.
  public internal(set) var forks: [ForkedOrigin] = []
  /// Everything that is wrong, in the order it was found.
  public internal(set) var damages: [StoreDamage] = []

  /// Whether nothing is wrong.
  public var isSound: Bool { damages.isEmpty }
}

/// Reads a whole store and checks every checksum, every block, every index and every order.
///
/// Goes on behind damage, so that its whole extent is known. Changes nothing and takes no lock: a
/// store that is being written may seem damaged.
///
/// - Parameters:
///   - directory: The store.
///   - fileSystem: The disk.
/// - Returns: What was found.
/// - Throws: ``StorageError/notAStore(directory:)``, ``StorageError/version(file:found:supported:)``
///   or ``StorageError/disk(_:)``. Damage is not thrown but reported.
/// - Complexity: O(bytes of the store); memory for one block and one segment's indexes.
package func verify(
  directory: String, fileSystem: any FileSystem
) throws(StorageError) -> VerificationReport {
  var verification = Verification(files: StoreFiles(directory: directory), disk: fileSystem)
  try verification.run()
  return verification.report
}

/// What is wrong with a store whose manifest was found, for a repair: files of another version, too,
/// since whoever wrote the manifest wrote none.
func findDamage(
  in files: StoreFiles, _ loaded: Manifest.Loaded, _ disk: any FileSystem
) throws(StorageError) -> [StoreDamage] {
  var verification = Verification(files: files, disk: disk)
  verification.goesOnBehindVersions = true
  try verification.check(loaded)
  return verification.report.damages
}

/// A verification under way.
private struct Verification {
  let files: StoreFiles
  let disk: any FileSystem
  var report = VerificationReport()
  /// Whether a segment of another version is damage, and not the end.
  var goesOnBehindVersions = false
  private var held = HeldVector()
  private var trees = OriginTrees()
  private var salts = SaltTable()
  private var heads = HeadTable()
  /// The roots of trees at the sizes of heads, where the events reach as far.
  private var roots: [OriginID: Digest256] = [:]
  /// The segments that were read.
  private var segments: [SealedSegment] = []
  /// The ids of events of the write-ahead log that come before others of their origin.
  private var early: [Dot: Digest256] = [:]

  init(files: StoreFiles, disk: any FileSystem) {
    self.files = files
    self.disk = disk
  }

  mutating func run() throws(StorageError) {
    let loaded: Manifest.Loaded
    do throws(StorageError) {
      loaded = try Manifest.load(from: files, disk)
    } catch {
      return try note(error)
    }
    try check(loaded)
  }

  mutating func check(_ loaded: Manifest.Loaded) throws(StorageError) {
    report.damages += loaded.damages
    let identity = loaded.manifest.identity
    try noting { verification throws(StorageError) in
      let salts = try SaltTable.load(
        from: verification.files, loaded.manifest, verification.disk)
      verification.salts = salts.table
      verification.report.damages += salts.damages
    }
    try noting { verification throws(StorageError) in
      let heads = try HeadTable.load(
        from: verification.files, book: identity.book, verification.disk)
      verification.heads = heads.table
      verification.report.damages += heads.damages
    }
    for entry in loaded.manifest.segments { try check(entry, identity) }
    try checkWriteAhead(loaded.manifest)
    let own = held[identity.origin]
    if own.runs.count > 1 || own.highest != own.contiguous {
      report.damages.append(
        StoreDamage(
          file: "log", offset: 0, byteCount: 0,
          problem: "own sequences \(own.gaps.runs.count) times leave a gap"))
    }
    if report.isSound { try completeTrees(identity.book) }
    try checkTrees(identity.book)
    checkHeads(identity.book)
  }

  /// Notes damage and goes on; other errors end the verification.
  private mutating func note(_ error: StorageError) throws(StorageError) {
    switch error {
    case .damaged(let damage): report.damages.append(damage)
    case .version(let file, let version, _) where goesOnBehindVersions:
      report.damages.append(
        StoreDamage(
          file: file, offset: 0, byteCount: UInt64(SegmentHeader.byteCount),
          problem: "format version \(version)"))
    default: throw error
    }
  }

  private mutating func noting(
    _ body: (inout Verification) throws(StorageError) -> Void
  ) throws(StorageError) {
    do throws(StorageError) {
      try body(&self)
    } catch {
      try note(error)
    }
  }

  private mutating func check(
    _ entry: Manifest.Segment, _ identity: LogIdentity
  ) throws(StorageError) {
    try noting { verification throws(StorageError) in
      let segment = try SealedSegment.open(
        entry, identity, files: verification.files, verification.disk)
      verification.report.segments += 1
      verification.segments.append(segment)
      try verification.checkContent(of: segment, book: identity.book)
    }
  }

  /// Rebuilds the footer from the blocks and compares.
  private mutating func checkContent(
    of segment: SealedSegment, book: BookID
  ) throws(StorageError) {
    let footer = segment.footer
    var builder = FooterBuilder(
      firstPosition: segment.firstPosition, isColumnar: segment.isColumnar)
    let tables = try segment.readTables()
    var echoes = footer.echoes[...]
    let damagesBefore = report.damages.count
    for (index, summary) in footer.blocks.enumerated() {
      try noting { verification throws(StorageError) in
        let frame = try segment.readFrame(index)
        let block = try segment.block(frame, index, tables)
        for row in 0..<block.rowCount {
          let event = try segment.checkedEvent(in: block, index, row: row)
          let keys = EventKeys(event, in: book)
          let isEcho = echoes.first?.row == summary.firstRow + row
          let echo = isEcho ? echoes.removeFirst().echo : nil
          builder.add(
            EventOutline(event), key: keys.idempotencyKey, echo: echo,
            identifierKeys: keys.identifierKeys)
          verification.count(event, in: segment.name, book: book)
        }
        builder.endBlock(
          frame, factsByteCount: summary.factsByteCount, rawByteCount: block.content.count)
        verification.report.blocks += 1
      }
    }
    // With a block missing the indexes cannot be rebuilt; their own checksums still hold or not.
    let isWhole = report.damages.count == damagesBefore
    try noting { _ throws(StorageError) in
      let keys = segment.isColumnar ? [] : try segment.readKeyColumn()
      let pages = try footer.identifierPages.map { page throws(StorageError) in
        try segment.readPage(page)
      }
      guard isWhole else { return }
      for table in footer.tables { builder.add(table) }
      builder.count(sourceIDBytes: footer.sourceIDByteCount)
      let rebuilt = builder.finish(received: footer.received, clock: footer.clock)
      guard rebuilt.footer == footer, rebuilt.keys.count == keys.count * 8,
        rebuilt.identifiers == pages.flatMap({ $0 })
      else {
        throw segment.storageError(SegmentFault(.footer, .disagreement("footer and blocks")))
      }
    }
  }

  private mutating func count(_ event: Event, in file: String, book: BookID) {
    report.events += 1
    if held.contains(event.dot) {
      report.damages.append(
        StoreDamage(
          file: file, offset: 0, byteCount: 0, problem: "\(event.dot) is there twice"))
    }
    held.insert(event.dot)
    let id = event.id(book: book, salts: salts.salts(of: event.dot))
    if id == nil {
      report.damages.append(
        StoreDamage(
          file: file, offset: 0, byteCount: 0, problem: "the salts of \(event.dot) are missing"))
    }
    guard let id else { return }
    if trees.isNext(event.dot) {
      grow(id, of: event.dot.origin)
    } else if !file.hasSuffix(".seg") {
      early[event.dot] = id
    }
  }

  private mutating func grow(_ leaf: Digest256, of origin: OriginID) {
    trees.append(leaf, of: origin)
    if let head = heads[origin], trees[origin].size == head.size {
      roots[origin] = trees[origin].root
    }
  }

  /// Goes on with the trees of origins whose events do not lie in the order of their sequences, as
  /// after a repair and a sync: what was lost comes behind what followed it.
  private mutating func completeTrees(_ book: BookID) throws(StorageError) {
    for origin in held.origins {
      var size: UInt64?
      while trees[origin].size < held[origin].contiguous, trees[origin].size != size {
        size = trees[origin].size
        let next = Dot(origin: origin, sequence: trees[origin].size + 1)
        if let id = early[next] {
          grow(id, of: origin)
          continue
        }
        for segment in segments {
          guard let run = segment.footer.run(from: next) else { continue }
          try grow(segment, rows: run.row..<(run.row + run.rowCount), of: origin, book: book)
          break
        }
      }
    }
  }

  private mutating func grow(
    _ segment: SealedSegment, rows: Range<Int>, of origin: OriginID, book: BookID
  ) throws(StorageError) {
    let tables = try segment.readTables()
    var cursor = SaltCursor(salts)
    for (index, summary) in segment.footer.blocks.enumerated() {
      let covered = rows.clamped(to: summary.firstRow..<(summary.firstRow + summary.rowCount))
      if covered.isEmpty { continue }
      let block = try segment.block(try segment.readFrame(index), index, tables)
      for row in covered {
        let event = try segment.checkedEvent(in: block, index, row: row - summary.firstRow)
        guard let id = event.id(book: book, salts: cursor.salts(of: event.dot)) else { return }
        grow(id, of: origin)
      }
    }
  }

  private mutating func checkWriteAhead(_ manifest: Manifest) throws(StorageError) {
    var name = ""
    try noting { verification throws(StorageError) in
      let chain = try WriteAheadChain(
        manifest, in: verification.files, verification.disk, for: .reading,
        begin: { name = "log/" + StoreFiles.writeAheadName($1.number) },
        { frame throws(StorageError) in
          verification.report.frames += 1
          verification.salts.replay(frame.content.salts, at: frame.header.firstPosition)
          for head in frame.content.heads { verification.heads.add(head) }
          for entry in frame.content.entries {
            verification.count(entry.event, in: name, book: manifest.identity.book)
          }
        })
      verification.report.unacknowledgedByteCount = chain.links.last?.scan.tornByteCount ?? 0
      verification.report.damages += chain.damages
    }
  }

  /// Compares the saved trees with trees computed from the events, where these reach as far.
  private mutating func checkTrees(_ book: BookID) throws(StorageError) {
    let path = files.trees
    guard try onDisk({ () throws(FileFault) in try disk.exists(path) }) else { return }
    let bytes = try onDisk { () throws(FileFault) in
      try disk.readFile(path, byteCountMax: OriginTrees.byteCountMax)
    }
    let problem: String?
    do throws(DecodingFault) {
      let saved = try OriginTrees(bytes, book: book)
      problem =
        saved.isPrefix(of: trees) || !report.isSound
        ? nil : "the saved trees are not those of the events"
    } catch {
      problem = "\(error); the trees will be computed again"
    }
    guard let problem else { return }
    report.damages.append(
      StoreDamage(
        file: files.relative(path), offset: 0, byteCount: UInt64(bytes.count),
        problem: problem))
  }

  /// Checks every head's signature, and its root where the events reach its size or the hashes kept
  /// with it complete them; then every proof of a fork.
  private mutating func checkHeads(_ book: BookID) {
    let isSound = report.isSound
    for head in heads.heads.values.sorted(by: { $0.origin < $1.origin }) {
      report.heads += 1
      let isSigned = head.origin.verifier(in: book).map { head.head.isValid(by: $0) } ?? false
      if !isSigned {
        addHeadDamage("the head of \(head.origin) is not signed by its device")
      } else if isSound, !isRoot(head) {
        addHeadDamage("the head of \(head.origin) is not that of its events")
      }
    }
    for (origin, fork) in heads.forks.sorted(by: { $0.key < $1.key }) {
      if origin.verifier(in: book).map({ fork.isValid(by: $0) }) ?? false {
        report.forks.append(ForkedOrigin(origin, fork))
      } else {
        addHeadDamage("the proof that \(origin) forked proves nothing")
      }
    }
  }

  /// Whether the events give the head's root, or cannot tell.
  private func isRoot(_ head: OriginHead) -> Bool {
    if let root = roots[head.origin] { return root == head.head.head.root }
    let tree = trees[head.origin]
    return tree.size != head.prefix || head.fits(tree)
  }

  private mutating func addHeadDamage(_ problem: String) {
    report.damages.append(
      StoreDamage(
        file: files.relative(files.heads), offset: 0, byteCount: heads.savedByteCount,
        problem: problem))
  }
}
