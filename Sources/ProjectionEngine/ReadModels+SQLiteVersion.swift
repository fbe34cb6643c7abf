internal import GRDB

extension ReadModels {
  /// The version of the SQLite library in use, such as `3.40.1`.
  ///
  /// - Returns: The version, as SQLite itself says.
  /// - Throws: `DatabaseError`.
  package static func sqliteVersion() throws -> String {
    try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? ""
  }
}
