internal import DurableFiles
internal import EventStorage
internal import ProjectionEngine
internal import SyncProtocol

extension ReplicaError {
  /// Runs `body` and says what it throws in the terms of a replica.
  ///
  /// - Parameter body: Work on parts of the replica.
  /// - Returns: What `body` returns.
  /// - Throws: ``ReplicaError``.
  static func translating<Answer>(_ body: () throws -> Answer) throws(ReplicaError) -> Answer {
    do {
      return try body()
    } catch {
      throw ReplicaError(cause: error)
    }
  }

  private init(cause: any Error) {
    switch cause {
    case let error as ReplicaError: self = error
    case let error as StorageError: self.init(error)
    case let fault as BackupFault: self.init(fault)
    case let fault as FileFault: self.init(fault)
    case let fault as SyncFault: self.init(fault)
    case let fault as ProjectionFault: self.init(.viewsFault, "\(fault)")
    default:
      self.init(
        .viewsFault,
        "the read models failed (\(cause)); remove views.sqlite from the store: it is made again")
    }
  }

  private init(_ error: StorageError) {
    switch error {
    case .notAStore(let directory):
      self.init(.noStore, "\(error)", location: directory)
    case .alreadyAStore(let directory):
      self.init(.storeExists, "\(error)", location: directory)
    case .locked(let directory): self.init(.storeInUse, "\(error)", location: directory)
    case .version(let file, _, _): self.init(.storeVersion, "\(error)", location: file)
    case .damaged(let damage): self.init(.storeDamaged, "\(error)", location: damage.file)
    case .disk(let fault): self.init(fault)
    case .poisoned, .closed: self.init(.logPoisoned, "\(error)")
    case .eventTooLarge, .batchTooLarge, .malformedEvent:
      self.init(.eventTooLarge, "\(error)")
    case .unknownOwnEvent, .implausibleSequence, .missingSalts: self.init(.peerRefused, "\(error)")
    }
  }

  private init(_ fault: BackupFault) {
    switch fault {
    case .noGeneration(let directory, _):
      self.init(.noBackup, "\(fault)", location: directory)
    case .otherBook(let directory): self.init(.otherBook, "\(fault)", location: directory)
    case .locked(let directory): self.init(.storeInUse, "\(fault)", location: directory)
    case .noLedger(let directory): self.init(.noLedger, "\(fault)", location: directory)
    case .notEmpty(let directory): self.init(.storeExists, "\(fault)", location: directory)
    case .damaged(let damage): self.init(.backupDamaged, "\(fault)", location: damage.file)
    case .storage(let error): self.init(error)
    }
  }

  private init(_ fault: FileFault) {
    let code: Code =
      if fault.isDiskFull {
        .diskFull
      } else if fault.isPermissionDenied {
        .permissionDenied
      } else if fault.isLockedElsewhere {
        .storeInUse
      } else if fault.isNotFound {
        .noStore
      } else {
        .diskFault
      }
    self.init(code, "\(fault)", location: fault.path)
  }

  private init(_ fault: SyncFault) {
    switch fault {
    case .otherBook: self.init(.otherBook, "\(fault)")
    case .unavailable(let reason): self.init(.diskFault, reason)
    default: self.init(.peerRefused, "\(fault)")
    }
  }
}
