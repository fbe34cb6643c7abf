internal import DurableFiles
internal import EventStorage
internal import ImportFiles
internal import InteractionLog
internal import SyncProtocol

extension CommandError {
  /// What a library's error means to whoever runs the command.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as ReplicaError: self.init(error)
    case let error as InputFault:
      self.init(code: "input", error.description, status: .usage)
    case let error as FileFault: self.init(error)
    case let error as SyncFault: self.init(error)
    case let error as StorageError: self.init(error)
    default:
      // The text of an unknown error may hold anything, so only its type is told.
      self.init(
        code: "internal_fault",
        "an unexpected fault, \(type(of: error)); please report it with what you did",
        status: .fault)
    }
  }

  private init(_ error: ReplicaError) {
    self.init(
      code: error.code.description, error.message, at: error.location,
      status: ExitStatus(rawValue: error.code.exitCode) ?? .fault)
  }

  private init(_ fault: SyncFault) {
    switch fault {
    case .otherBook: self.init(code: "other_book", fault.description, status: .peer)
    case .unavailable(let reason): self.init(code: "disk_fault", reason, status: .fault)
    default: self.init(code: "peer_refused", fault.description, status: .peer)
    }
  }

  private init(_ error: StorageError) {
    switch error {
    case .disk(let fault): self.init(fault)
    case .notAStore(let directory):
      self.init(code: "no_store", error.description, at: directory, status: .usage)
    case .version(let file, _, _):
      self.init(code: "store_version", error.description, at: file, status: .usage)
    case .damaged(let damage):
      self.init(code: "store_damaged", error.description, at: damage.file, status: .damaged)
    default: self.init(code: "disk_fault", error.description, status: .fault)
    }
  }

  private init(_ fault: FileFault) {
    let code =
      fault.isNotFound
      ? "not_found"
      : fault.isDiskFull
        ? "disk_full" : fault.isPermissionDenied ? "permission_denied" : "disk_fault"
    let isUsage = fault.isNotFound || fault.isPermissionDenied
    self.init(
      code: code, fault.description, at: fault.path, status: isUsage ? .usage : .fault)
  }
}
