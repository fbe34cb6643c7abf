internal import BinaryCoding
package import DurableFiles
internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// How much of a file ``inspect(file:detail:fileSystem:)`` describes.
public enum InspectionDetail: Sendable {
  /// Properties and parts.
  case parts
  /// The streams of a segment of columns too, with their sizes and how they are stored.
  case streams
  /// The strings in tables of facts too; those of persons are counted.
  case strings
}

/// What one of a store's files holds, decoded for people; reads damaged files as far as it can.
public struct FileDescription: Equatable, Sendable {
  /// A kind of file in a store.
  public enum Kind: String, Sendable {
    case manifest, segment, salts, heads, trees
    case writeAheadLog = "write-ahead log"
    case unknown
  }

  /// A property, or a part of the file, and what is known of it.
  public struct Line: Equatable, Sendable {
    /// What it is.
    public let name: String
    /// What it holds; never anything personal.
    public let value: String
  }

  /// What kind of file it is, by its first bytes.
  public internal(set) var kind: Kind
  /// The file's length.
  public let byteCount: UInt64
  /// Properties and parts, in file order.
  public internal(set) var lines: [Line] = []
  /// What is wrong with it.
  public internal(set) var problems: [String] = []

  /// Most frames or blocks that are listed one by one.
  static let partsMax = 10_000

  mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    lines.append(Line(name: name, value: value.description))
  }
}

/// Decodes a manifest, a segment, a write-ahead log or saved trees.
///
/// - Parameters:
///   - file: The file's path.
///   - detail: How much of it to describe.
///   - fileSystem: The disk.
/// - Returns: What it holds; damage is described, not thrown.
/// - Throws: ``StorageError/disk(_:)`` if the file cannot be read.
package func inspect(
  file: String, detail: InspectionDetail = .parts, fileSystem: any FileSystem
) throws(StorageError) -> FileDescription {
  let handle = try onDisk { () throws(FileFault) in try fileSystem.open(file, for: .reading) }
  let byteCount = try onDisk { () throws(FileFault) in try handle.byteCount() }
  let mark = try onDisk { () throws(FileFault) in try handle.read(count: 8, at: 0) }
  var description = FileDescription(kind: .unknown, byteCount: byteCount)
  switch mark {
  case Manifest.mark:
    description.kind = .manifest
    try description.addManifest(handle)
  case WriteAheadHeader.mark:
    description.kind = .writeAheadLog
    try description.addWriteAhead(handle, name: file)
  case [UInt8]("DAYBKSEG".utf8):
    description.kind = .segment
    try description.addSegment(handle, detail)
  case SaltTable.mark:
    description.kind = .salts
    try description.addSalts(handle)
  case HeadTable.mark:
    description.kind = .heads
    try description.addHeads(handle)
  case OriginTrees.mark:
    description.kind = .trees
    try description.addTrees(handle)
  default:
    description.problems.append("the file does not begin with the mark of a Daybook file")
  }
  return description
}

extension FileDescription {
  fileprivate mutating func addManifest(_ file: any DurableFile) throws(StorageError) {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: Int(min(byteCount, UInt64(Manifest.byteCountMax))), at: 0)
    }
    let manifest: Manifest
    do throws(Manifest.Fault) {
      manifest = try Manifest(bytes)
    } catch {
      return problems.append("\(error)")
    }
    add("format", formatText(manifest.identity.formatVersion))
    add("generation", manifest.generation)
    add("book", manifest.identity.book)
    add("origin", manifest.identity.origin)
    add("write-ahead log", StoreFiles.writeAheadName(manifest.writeAheadNumber))
    add("first position in it", manifest.basePosition)
    add("end at clean close", manifest.cleanEnd)
    for segment in manifest.segments {
      add(
        StoreFiles.segmentName(segment.number),
        "\(segment.rowCount) events from position \(segment.firstPosition),"
          + " \(segment.byteCount) bytes")
    }
  }

  fileprivate mutating func addWriteAhead(
    _ file: any DurableFile, name: String
  ) throws(StorageError) {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: WriteAheadHeader.byteCount, at: 0)
    }
    let header: WriteAheadHeader
    do throws(DecodingFault) {
      header = try WriteAheadHeader(bytes)
    } catch {
      return problems.append("header: \(error)")
    }
    add("number", header.number)
    add("book", header.book)
    add("origin", header.origin)
    add("first position", header.basePosition)
    var frames: [WriteAheadScan.Frame] = []
    let scan = try WriteAheadScan(file, name: name, header: header, cleanEnd: 0) { frame in
      if frames.count < Self.partsMax { frames.append(frame) }
    }
    for frame in frames {
      let header = frame.header
      add(
        "frame at byte \(frame.payloadStart - UInt64(FrameHeader.byteCount))",
        "\(header.rowCount) \(header.isForeign ? "foreign" : "own") events from position"
          + " \(header.firstPosition), \(header.payloadByteCount) bytes")
    }
    add("events", scan.nextPosition - header.basePosition)
    add("end of the last whole frame", scan.end)
    if scan.tornByteCount > 0 { add("unacknowledged bytes behind it", scan.tornByteCount) }
    if let damage = scan.damage { problems.append(damage.description) }
  }

  /// Counts the salts; shows none of them.
  fileprivate mutating func addSalts(_ file: any DurableFile) throws(StorageError) {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: Int(min(byteCount, UInt64(SaltTable.byteCountMax))), at: 0)
    }
    var reader = ByteReader(bytes.span)
    guard (try? reader.readRange(count: 12)) != nil, (try? reader.readVarint()) != nil,
      let book = try? BookID(from: &reader), let salts = try? SaltTable(bytes, book: book)
    else { return problems.append("this copy of the salts cannot be read") }
    add("generation", salts.generation)
    add("book", book)
    for (origin, count) in salts.windowCounts {
      add("origin \(origin)", "\(count) windows of 4096 events")
    }
  }

  fileprivate mutating func addHeads(_ file: any DurableFile) throws(StorageError) {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: Int(min(byteCount, UInt64(HeadTable.byteCountMax))), at: 0)
    }
    var reader = ByteReader(bytes.span)
    guard (try? reader.readRange(count: 12)) != nil, (try? reader.readVarint()) != nil,
      let book = try? BookID(from: &reader), let heads = try? HeadTable(bytes, book: book)
    else { return problems.append("this copy of the heads cannot be read") }
    add("generation", heads.generation)
    add("book", book)
    for head in heads.heads.values.sorted(by: { $0.origin < $1.origin }) {
      let isValid = head.origin.verifier(in: book).map { head.head.isValid(by: $0) } ?? false
      if !isValid { problems.append("the head of \(head.origin) is not signed by its device") }
      add("origin \(head.origin)", "\(head.size) events, root \(head.head.head.root)")
    }
    for (origin, fork) in heads.forks.sorted(by: { $0.key < $1.key }) {
      add(
        "fork of \(origin)",
        "two heads, of \(fork.smaller.head.size) and \(fork.larger.head.size) events")
    }
  }

  fileprivate mutating func addTrees(_ file: any DurableFile) throws(StorageError) {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: Int(min(byteCount, UInt64(OriginTrees.byteCountMax))), at: 0)
    }
    var reader = ByteReader(bytes.span)
    guard (try? reader.readRange(count: 12)) != nil, let book = try? BookID(from: &reader),
      let trees = try? OriginTrees(bytes, book: book)
    else { return problems.append("the trees cannot be read; they will be computed again") }
    add("book", book)
    for (origin, tree) in trees.frontiers.sorted(by: { $0.key < $1.key }) {
      add("origin \(origin)", "\(tree.size) events, root \(tree.root)")
    }
  }
}
