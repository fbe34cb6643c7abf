/// Why a message was not accepted; what a dead letter says.
///
/// Never quotes the message, which may be about a person.
public struct AdapterRefusal: Error, Equatable, Sendable {
  /// What was wrong, as a word that programs can rely on.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Word: String {
      case malformed, missing, invalid, reserved, ambiguous
      case tooLarge = "too_large"
    }

    private let word: Word

    /// The bytes are not of the format at all.
    public static let malformed = Code(word: .malformed)
    /// A part that the format requires is not there.
    public static let missing = Code(word: .missing)
    /// A part is there and does not have a value the format allows.
    public static let invalid = Code(word: .invalid)
    /// The message claims to be something that only the book itself may say.
    public static let reserved = Code(word: .reserved)
    /// Two fields of the message would become one.
    public static let ambiguous = Code(word: .ambiguous)
    /// The event would exceed the largest size.
    public static let tooLarge = Code(word: .tooLarge)

    /// The word.
    public var description: String { word.rawValue }
  }

  /// What was wrong.
  public let code: Code

  /// Where and what, in a sentence that names fields and offsets and no values.
  public let reason: String

  /// What the sender can do about it.
  public let remedy: String

  /// States a refusal.
  ///
  /// - Parameters:
  ///   - code: What was wrong.
  ///   - reason: Where and what, without values of the message.
  ///   - remedy: What to do.
  public init(_ code: Code, reason: String, remedy: String) {
    self.code = code
    self.reason = reason
    self.remedy = remedy
  }

  init(_ fault: JSONFault) {
    self.init(
      .malformed, reason: "not JSON at byte \(fault.offset): \(fault.reason.sentence)",
      remedy: fault.reason.remedy)
  }

  /// Refuses a row of a CSV file.
  package init(_ fault: CSVFault) {
    self.init(.malformed, reason: fault.sentence, remedy: fault.remedy)
  }

  init(_ fault: TimeFault, field: String) {
    self.init(.invalid, reason: "\(field): \(fault.sentence)", remedy: fault.remedy)
  }

  static func missing(_ field: String, remedy: String) -> AdapterRefusal {
    AdapterRefusal(.missing, reason: "\(field) is missing", remedy: remedy)
  }
}
