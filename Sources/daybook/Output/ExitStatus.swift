/// How a command ended, as scripts see it.
enum ExitStatus: Int32 {
  /// It did what was asked.
  case done = 0
  /// The answer is "no": a check failed, digests differ, nothing was found.
  case negative = 1
  /// The arguments are wrong.
  case usage = 2
  /// Some input was refused and is in the dead letters; the rest is in.
  case refusedInPart = 3
  /// The store is damaged.
  case damaged = 4
  /// The peer or the network failed.
  case peer = 5
  /// A fault of the program or of the machine.
  case fault = 70
}
