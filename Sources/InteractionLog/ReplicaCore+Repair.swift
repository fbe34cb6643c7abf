internal import DurableFiles
internal import EventModel
package import EventStorage

/// Keeping a store usable: repairing a damaged one, bringing an older one to this format.
extension ReplicaCore {
  /// Makes a damaged store one that opens and verifies; see `repair` of the storage.
  ///
  /// Read models go first, since they may answer with events that are lost; the next question folds the
  /// log again.
  ///
  /// - Parameters:
  ///   - directory: The store; nobody may have it open.
  ///   - isDryRun: Whether to change nothing.
  ///   - environment: The world.
  /// - Returns: What was found and done.
  /// - Throws: ``ReplicaError``: damaged beyond repair, or in use.
  package static func repair(
    at directory: String, isDryRun: Bool, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> RepairReport {
    let files = environment.fileSystem
    return try ReplicaError.translating {
      try EventStorage.repair(
        directory: directory, fileSystem: files, isDryRun: isDryRun,
        makeSeed: environment.makeSeed
      ) { () throws(FileFault) in
        for name in ["views.sqlite", "views.sqlite-wal", "views.sqlite-shm", "erasures"] {
          let path = directory + "/" + name
          if try files.exists(path) { try files.remove(path) }
        }
        try files.syncDirectory(directory)
      }
    }
  }

  /// Brings a store to the format version of this program.
  ///
  /// - Parameters:
  ///   - directory: The store; nobody may have it open.
  ///   - environment: The world.
  /// - Returns: The versions.
  /// - Throws: ``ReplicaError``; nothing is changed when no upgrade begins with the store's version.
  package static func upgrade(
    at directory: String, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> UpgradeReport {
    try ReplicaError.translating {
      try EventStorage.upgrade(directory: directory, fileSystem: environment.fileSystem)
    }
  }
}
