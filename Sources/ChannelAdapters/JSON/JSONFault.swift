/// Why bytes are not one JSON value, and where.
package struct JSONFault: Error, Equatable, Sendable {
  /// What was wrong.
  package enum Reason: Equatable, Sendable {
    /// The bytes end inside a value, or there are none.
    case truncated
    /// A byte that cannot stand here.
    case unexpectedByte
    /// Bytes follow the value.
    case trailingBytes
    /// A number that breaks the grammar, such as `01`, `1.` or `+1`.
    case malformedNumber
    /// A backslash followed by something that is no escape.
    case malformedEscape
    /// A `\u` escape for half of a surrogate pair.
    case loneSurrogate
    /// A byte below 0x20 inside a string.
    case controlCharacter
    /// Bytes inside a string that are not UTF-8.
    case invalidUTF8
    /// Two members of one object have the same key.
    case duplicateKey
    /// Arrays and objects are nested deeper than ``JSONDocument/depthMax``.
    case tooDeep
    /// More bytes than ``JSONDocument/byteCountMax``.
    case tooLong
  }

  /// What was wrong.
  package let reason: Reason

  /// The offset of the first byte that was wrong, from the start of the document.
  package let offset: Int

  init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension JSONFault: CustomStringConvertible {
  /// What is wrong, where, and what to do; quotes nothing of the input.
  package var description: String { "byte \(offset): \(reason.sentence); \(reason.remedy)" }
}

extension JSONFault.Reason {
  /// What is wrong.
  var sentence: String {
    switch self {
    case .truncated: "the value ends too early"
    case .unexpectedByte: "this byte cannot stand here"
    case .trailingBytes: "something follows the value"
    case .malformedNumber: "a malformed number"
    case .malformedEscape: "an unknown escape"
    case .loneSurrogate: "half of a surrogate pair"
    case .controlCharacter: "a control character inside a string"
    case .invalidUTF8: "text that is not UTF-8"
    case .duplicateKey: "an object with the same key twice"
    case .tooDeep: "nested deeper than \(JSONDocument.depthMax) levels"
    case .tooLong: "longer than \(JSONDocument.byteCountMax) bytes"
    }
  }

  /// What to do about it.
  var remedy: String {
    switch self {
    case .truncated, .trailingBytes: "send one whole JSON value a line"
    case .unexpectedByte: "write JSON as RFC 8259 has it"
    case .malformedNumber: "write numbers like 12, -0.5 or 1e6"
    case .malformedEscape: "write a backslash as two"
    case .loneSurrogate: "escape both halves or write the character in UTF-8"
    case .controlCharacter: "escape it as \\u00XX"
    case .invalidUTF8: "convert the input to UTF-8"
    case .duplicateKey: "send each key once"
    case .tooDeep: "flatten the value"
    case .tooLong: "send less at once"
    }
  }
}
