internal import ArgumentParser
internal import HybridTime

/// An event's name on the command line: `ORIGIN/SEQUENCE`, the origin as far as it is unambiguous.
struct DotArgument: ExpressibleByArgument {
  /// How the origin begins, in lowercase hexadecimal.
  let originPrefix: String
  /// The origin's count, from 1.
  let sequence: UInt64

  /// Reads a name, or nothing when the text is none.
  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = UInt64(parts[1]), sequence >= 1,
      (1...80).contains(parts[0].utf8.count), parts[0].allSatisfy(\.isHexDigit)
    else { return nil }
    originPrefix = parts[0].lowercased()
    self.sequence = sequence
  }

  /// The dot meant, among the origins a replica holds.
  ///
  /// - Parameter held: What the replica holds.
  /// - Returns: The dot, whether or not its sequence is held.
  /// - Throws: ``CommandError`` when no origin begins so, or several do.
  func resolve(among held: HeldVector) throws -> Dot {
    let origins = held.origins.filter { $0.isNamed(by: originPrefix) }
    guard let origin = origins.first else {
      throw CommandError(
        code: "not_found",
        "no origin held here begins with \(originPrefix); 'daybook stats' lists origins",
        status: .negative)
    }
    guard origins.count == 1 else {
      throw CommandError(
        code: "bad_request",
        "\(origins.count) origins begin with \(originPrefix); write more of its digits",
        status: .usage)
    }
    return Dot(origin: origin, sequence: sequence)
  }
}
