internal import DurableFiles
internal import EventStorage
internal import ImportFiles
internal import InteractionLog

extension CommandError {
  /// What a library's error means to whoever runs the command.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as ReplicaError: self.init(error)
    case let error as InputFault:
      self.init(code: "input", error.description, status: .usage)
    case let error as FileFault: self.init(error)
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
