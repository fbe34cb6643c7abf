internal import BinaryCoding
internal import EventModel

/// The parts of a segment that are kept apart, so that a person can be erased.
package enum ColumnPart: UInt8, Sendable {
  /// Header fields and section 0.
  case facts = 0
  /// Sections 1 to 15.
  case persons = 1
}

/// What the leaves of a column are.
enum ColumnKind: UInt8 {
  /// `false` or `true`.
  case boolean = 0
  /// Integers and decimals.
  case amount = 1
  /// Numbers written as text.
  case number = 2
  /// Text.
  case text = 3
  /// How many elements an array has.
  case length = 4
  /// The shape of an array's element.
  case element = 5
  /// A value as a whole: an object whose names are data.
  case value = 6
  /// What is left of a section whose content is gone.
  case commitment = 7
  /// The value of an identifier; its kind is the last name of the path.
  case identifier = 8

  /// Whether the leaves are integers without further bytes.
  var isCount: Bool { self == .length || self == .element }
  /// Whether the leaves have bytes that are compared and stored as text.
  var isText: Bool { !isNumeric }
  /// Whether the leaves are stored as integers.
  var isNumeric: Bool { self == .boolean || self == .amount || isCount }
  /// Whether the leaves may be the text of another column with something around it.
  var hasAffix: Bool { self == .text || self == .identifier }
  /// Whether a dictionary may hold the leaves.
  var hasDictionary: Bool { self == .amount || (isText && self != .commitment) }
}

/// Where leaves come from: the rows or an array, the section, the names on the way, the kind.
struct ColumnPlace: Hashable {
  /// 0 the rows, otherwise the array whose elements have the leaves.
  let scope: Int
  let section: UInt8
  /// Each name with its length before it; within an array, counted from the element.
  let path: [UInt8]
  let kind: ColumnKind

  var part: ColumnPart { section == 0 ? .facts : .persons }

  /// The path of a name within `path`.
  static func path(_ path: [UInt8], _ name: Span<UInt8>) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(path)
    writer.writeVarint(UInt64(name.count))
    writer.write(name)
    return writer.bytes
  }

  /// The bytes that stand between a leaf's length and its text: of identifiers `kind:`.
  var textPrefix: [UInt8] {
    guard kind == .identifier else { return [] }
    // Nothing but "@identifiers", 12 bytes with its length before it, then the kind with its.
    return Array(path.dropFirst(14)) + [UInt8(ascii: ":")]
  }
}

/// Reserved names that readers look columns up by.
enum ColumnPaths {
  static let occurred: [UInt8] = path("@occurred")
  static let source: [UInt8] = path("@source")
  static let sourceID: [UInt8] = path("@id")
  static let identifiers: [UInt8] = path("@identifiers")

  static func path(_ name: String) -> [UInt8] { [UInt8(name.utf8.count)] + Array(name.utf8) }
}

/// A run of bytes in one of at most 2³⁸: offset and length in one integer.
struct Place {
  let rawValue: UInt64

  @inline(__always)
  init(rawValue: UInt64) { self.rawValue = rawValue }

  @inline(__always)
  init(_ offset: Int, _ count: Int) {
    rawValue = UInt64(truncatingIfNeeded: offset) &<< 24 | UInt64(truncatingIfNeeded: count)
  }

  @inline(__always) var offset: Int { Int(truncatingIfNeeded: rawValue &>> 24) }
  @inline(__always) var count: Int { Int(truncatingIfNeeded: rawValue & 0xff_ffff) }
  @inline(__always) var range: Range<Int> { offset..<(offset &+ count) }
}
