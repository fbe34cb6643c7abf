/// Why a signed note, or what it says, is refused. Holds no text of the note.
public enum NoteFault: Error, Equatable, Sendable {
  /// The note is longer than the format allows.
  case tooLong(byteCount: Int, max: Int)
  /// The bytes are not UTF-8, or have a control character other than a line feed.
  case notText
  /// There is no blank line with signatures behind it, or the last line does not end.
  case noSignatures
  /// More signatures than the format allows.
  case tooManySignatures(count: Int, max: Int)
  /// A signature line is not of the form `— name base64`; lines count from 1 after the blank line.
  case malformedSignature(line: Int)
  /// A line of the text is not what stands there in this kind of note; lines count from 1.
  case malformedLine(Int)
  /// A name is empty or too long, or has white space, a plus or a control character.
  case malformedName
  /// No signature is by the given key.
  case unsigned
  /// A signature that claims to be by the given key is not.
  case badSignature
  /// The key could not sign.
  case signingFailed
}
