internal import EventModel

/// Why a command could not do what it was asked to: one line that says what, where and what to do.
///
/// It names no person: texts come from the library, which keeps personal data out of its errors.
struct CommandError: Error {
  /// A stable word for scripts; `docs/protocol/errors.md` lists them.
  let code: String
  /// What happened and what to do about it.
  let message: String
  /// The file, line or argument concerned.
  let location: String?
  /// The exit status it leads to.
  let status: ExitStatus

  /// An error from its parts.
  init(code: String, _ message: String, at location: String? = nil, status: ExitStatus) {
    self.code = code
    self.message = message
    self.location = location
    self.status = status
  }

  /// `{"error":{"code","message","location"}}`.
  var value: Value {
    .object([
      Value.Field(
        "error",
        .object([
          Value.Field("code", .text(code)), Value.Field("message", .text(message)),
          Value.Field("location", location.map(Value.text) ?? .null),
        ]))
    ])
  }

  /// The error as one line for people.
  var line: String {
    let place = location.map { message.contains($0) ? "" : "\($0): " } ?? ""
    return "daybook: \(place)\(message)"
  }
}
