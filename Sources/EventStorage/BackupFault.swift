/// Why a backup could not be made or restored.
public enum BackupFault: Error, Equatable, Sendable {
  /// The directory holds no generation that is whole, or not the one that was asked for.
  case noGeneration(directory: String, number: UInt64?)
  /// The backup is one of another book.
  case otherBook(directory: String)
  /// Another process is writing or reading the backup.
  case locked(directory: String)
  /// What is erased cannot be known, so that erased persons would come back.
  case noLedger(directory: String)
  /// The directory to restore to holds something.
  case notEmpty(directory: String)
  /// Bytes of the backup are not what they were.
  case damaged(StoreDamage)
  /// The disk, or the store itself, failed.
  case storage(StorageError)
}

extension BackupFault: CustomStringConvertible {
  /// One line: what, where, and what to do.
  public var description: String {
    switch self {
    case .noGeneration(let directory, nil):
      "no whole generation of a backup is in \(directory); name another directory"
    case .noGeneration(let directory, let number?):
      "generation \(number) of the backup is not in \(directory), or not whole; leave it out to take"
        + " the newest one"
    case .otherBook(let directory):
      "\(directory) holds a backup of another book; name another directory"
    case .locked(let directory):
      "the backup \(directory) is in use; wait for the other program, or stop it"
    case .noLedger(let directory):
      "the erasure ledger of the backup is gone or older than the backup, so who was erased would"
        + " come back; put a newer copy of \(directory)/ledger in its place, or restore with"
        + " --without-ledger and sync at once"
    case .notEmpty(let directory):
      "\(directory) holds files; restore to a new directory. If a restore was cut short there,"
        + " remove it first"
    case .damaged(let damage):
      "\(damage); nothing was restored; name an older generation, or another copy of the backup"
    case .storage(let error): error.description
    }
  }
}

/// Runs work on the log or the disk, and says what fails in terms of a backup.
func inBackup<Answer: ~Copyable>(
  _ body: () throws(StorageError) -> Answer
) throws(BackupFault) -> Answer {
  do throws(StorageError) {
    return try body()
  } catch {
    throw .storage(error)
  }
}
