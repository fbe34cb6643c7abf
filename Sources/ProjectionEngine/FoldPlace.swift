internal import BinaryCoding
internal import EventModel
internal import GRDB
internal import HybridTime
internal import MerkleProofs

/// How far a projection's tables have come, saved in the transaction that changed them.
struct FoldPlace: Hashable {
  /// The projection's version that wrote the tables.
  var version: Int64
  /// The last position taken in.
  var position: UInt64
  /// The event there, which tells a log apart from another one restored in its place.
  var dot: Dot?
  /// The digest of the answers, when it was asked for since they last changed.
  var digest: Digest256?

  /// Makes the table of places when there is none.
  static func makeTable(in database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS folds(
          name TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL,
          dot BLOB NOT NULL, digest BLOB NOT NULL) STRICT
        """)
  }

  /// The place of the projection `name`, or nothing when its tables were never made.
  static func load(_ name: String, from database: Database) throws -> FoldPlace? {
    let statement = try database.cachedStatement(
      sql: "SELECT version, position, dot, digest FROM folds WHERE name = ?")
    guard let row = try Row.fetchOne(statement, arguments: [name]) else { return nil }
    let position: Int64 = row[1]
    return FoldPlace(
      version: row[0], position: UInt64(clamping: position),
      dot: Dot(placeBytes: [UInt8](blob: row[2])),
      digest: Digest256(bytes: [UInt8](blob: row[3])))
  }

  /// Saves the place of the projection `name`.
  func save(_ name: String, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO folds(name, version, position, dot, digest) VALUES(?,?,?,?,?)")
    try statement.execute(arguments: [
      name, version, Int64(clamping: position), (dot?.placeBytes ?? []).blob,
      (digest?.bytes ?? []).blob,
    ])
  }

  /// Whether tables at this place can be continued from `source`.
  func isContinued(by source: some EventSource, version: Int64) throws -> Bool {
    guard self.version == version, position <= source.highWaterMark else { return false }
    return try position == 0 || source.event(at: position)?.dot == dot
  }
}

extension Dot {
  fileprivate var placeBytes: [UInt8] {
    var writer = ByteWriter(capacity: 48)
    origin.write(to: &writer)
    writer.write(sequence)
    return writer.bytes
  }

  fileprivate init?(placeBytes: [UInt8]) {
    var reader = ByteReader(placeBytes.span)
    guard let origin = try? OriginID(from: &reader), let sequence = try? reader.readUInt64() else {
      return nil
    }
    self.init(origin: origin, sequence: sequence)
  }
}
