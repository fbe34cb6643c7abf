internal import GRDB

/// Where the read models live.
package struct ViewsLocation {
  /// The database file; nothing for a private one that ends with the process.
  package let path: String?
  /// Moves a damaged database file, with the `-wal` and `-shm` files beside it, out of the way.
  package let setAside: () throws -> Void

  /// Destroys the database file, the files beside it and those that were moved out of the way.
  package let erase: () throws -> Void

  /// Read models in a file.
  ///
  /// - Parameters:
  ///   - path: The database file, made when missing.
  ///   - setAside: Moves the file and its `-wal` and `-shm` out of the way; called when no connection
  ///     is open.
  ///   - erase: Overwrites and removes these files and what `setAside` moved; called when no connection
  ///     is open.
  package init(
    path: String, setAside: @escaping () throws -> Void, erase: @escaping () throws -> Void
  ) {
    self.path = path
    self.setAside = setAside
    self.erase = erase
  }

  private init() {
    path = nil
    setAside = {}
    erase = {}
  }

  /// Read models in a private database that spills to disk and vanishes when closed.
  package static var temporary: ViewsLocation { ViewsLocation() }

  /// Opens the database with the one connection that reads, writes and checkpoints.
  ///
  /// Read models are derivable, so commits do not wait for the disk; after power loss the database is
  /// an earlier committed state and the folds catch up.
  func open() throws -> DatabaseQueue {
    var configuration = Configuration()
    if path != nil { configuration.journalMode = .wal }
    configuration.label = "views"
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA secure_delete = ON")
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      try database.execute(sql: "PRAGMA cache_size = -16384")
    }
    // An empty path is SQLite's name for a private database in a temporary file.
    return try DatabaseQueue(path: path ?? "", configuration: configuration)
  }
}

extension Error {
  /// Whether this says that the read models are damaged rather than out of reach.
  var isViewsDamage: Bool {
    if let fault = self as? ProjectionFault, case .damagedViews = fault { return true }
    guard let error = self as? DatabaseError else { return false }
    return [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
  }
}
