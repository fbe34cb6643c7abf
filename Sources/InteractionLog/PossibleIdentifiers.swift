internal import EventModel

/// The texts of a message that could not be read which may be identifiers: without its format nobody
/// knows where they stand, so whatever lies between separators may be one.
///
/// Texts in another notation, such as `%40` for `@`, are not found.
struct PossibleIdentifiers {
  /// As a section would carry the values: as sent, in small letters, as a telephone number.
  private(set) var values: Set<[UInt8]> = []

  /// Shorter ones, such as a till's customer number 7, stand in any message by chance.
  static let byteCountMin = 4
  /// Longer ones are prose.
  static let byteCountMax = 254
  /// The kinds of identifiers that adapters give.
  static let kinds = ["anonymous", "device", "email", "handle", "loyalty", "phone", "user"]

  /// Takes a message apart.
  init(_ raw: [UInt8]) {
    for piece in raw.split(whereSeparator: { Self.isQuote($0) }) { add(piece) }
    for piece in raw.split(whereSeparator: { Self.isSeparator($0) }) {
      add(piece)
      if let colon = piece.firstIndex(of: UInt8(ascii: ":")) { add(piece[(colon + 1)...]) }
    }
    for piece in raw.split(whereSeparator: { !Self.isOfNumber($0) }) { addNumber(piece) }
  }

  /// All values under all kinds, as `kind:value`.
  func forEachName(_ body: (ArraySlice<UInt8>) -> Void) {
    for kind in Self.kinds {
      let start = Array(kind.utf8) + [UInt8(ascii: ":")]
      for value in values { body((start + value)[...]) }
    }
  }

  private mutating func add(_ piece: ArraySlice<UInt8>) {
    guard (Self.byteCountMin...Self.byteCountMax).contains(piece.count) else { return }
    values.insert(Array(piece))
    let small = piece.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    values.insert(small)
    if small.last == UInt8(ascii: ".") { values.insert(small.dropLast()) }
  }

  private mutating func addNumber(_ piece: ArraySlice<UInt8>) {
    let digits = piece.filter { $0 &- UInt8(ascii: "0") < 10 }
    guard (Self.byteCountMin...Self.byteCountMax).contains(digits.count) else { return }
    values.insert(digits)
    if piece.contains(UInt8(ascii: "+")) { values.insert([UInt8(ascii: "+")] + digits) }
  }

  /// What ends a text with spaces in it.
  private static func isQuote(_ byte: UInt8) -> Bool {
    byte < 0x20 || [UInt8]("\"',;|<>".utf8).contains(byte)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == 0x20 || isQuote(byte) || [UInt8]("=&?(){}[]\\".utf8).contains(byte)
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || [UInt8]("+ -()./".utf8).contains(byte)
  }
}
