internal import BookRules
internal import DurableFiles
internal import EventModel
package import EventStorage
internal import HybridTime

/// Saving a replica's log, and making another replica of what was saved.
extension ReplicaCore {
  /// Saves the log, as it is now, as a new generation of a backup.
  ///
  /// What is erased in the book is added to the backup's ledger first, so that no restore brings it
  /// back. The device's key is not saved.
  ///
  /// - Parameters:
  ///   - directory: Where the backups lie; made if need be, its parent must exist.
  ///   - options: What to keep, and what to check.
  /// - Returns: What was done.
  /// - Throws: ``ReplicaError``; the generations that were there stay whole.
  /// - Complexity: Reads and writes the segments that are not there yet.
  package func backup(
    to directory: String, options: BackupOptions = BackupOptions()
  ) throws(ReplicaError) -> BackupReport {
    try ReplicaError.translating {
      try settleErasures()
      let erased = try erasureLedger()
      var target = try BackupTarget.make(at: directory, fileSystem: environment.fileSystem)
      return try target.save(
        try log.backupSource(), erased: erased, bookSecret: bookSecretBytes(),
        wallMilliseconds: environment.wallMilliseconds(), options: options)
    }
  }

  /// What is erased in the book, as far as this replica knows.
  private func erasureLedger() throws -> ErasureLedger {
    var ledger = ErasureLedger()
    try bookState().forEachListedEvent { dot, sections in
      ledger.add(sections.rawValue, of: dot)
    }
    return ledger
  }
}
