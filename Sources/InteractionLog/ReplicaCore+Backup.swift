internal import BookRules
internal import CustomerProfiles
internal import DurableFiles
internal import EventModel
package import EventStorage
internal import HybridTime
internal import ProjectionEngine

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

  /// What is erased in the book, as far as this replica knows. Of events that it does not hold it
  /// takes the word of the erasures; no generation of its own holds them.
  private func erasureLedger() throws -> ErasureLedger {
    var ledger = ErasureLedger()
    let snapshot = snapshot()
    var held: [(position: LogPosition, sections: SectionSet)] = []
    var failure: (any Error)?
    try bookState().forEachEventTakenFrom { dot, sections in
      do {
        if let position = try snapshot.position(of: dot) {
          held.append((position, sections))
        } else {
          for number in 1..<16 where sections.contains(section: number) {
            ledger.add(section: number, of: dot, commitment: nil)
          }
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard !held.isEmpty else { return ledger }
    // In the order of the log each block is read once.
    held.sort { $0.position < $1.position }
    let events = try events(at: .now)
    for (position, sections) in held {
      guard let event = try snapshot.event(at: position) else { continue }
      let erased = try events.meaning(of: event).erased.intersection(sections)
      for number in event.sections.indices where erased.contains(section: number) {
        ledger.add(
          section: number, of: event.dot,
          commitment: log.commitment(toSection: number, of: event))
      }
    }
    return ledger
  }
}
