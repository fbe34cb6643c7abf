internal import BinaryCoding

/// One JSON value, checked against RFC 8259 and laid out flat.
///
/// ```
/// {"b":[1,"x"],"a":null}      entries  0 object  members 0..<2  next 6
///                                      1 key "b"                next 2
///                                      2 array                  next 5
///                                      3 number "1"             next 4
///                                      4 string "x"             next 5
///                                      …
///                             members  "a" → 5, "b" → 1         sorted by the bytes of the key
/// ```
///
/// Entries stand in the order of the text; `next` leads past a value with all it holds. Texts are
/// ranges of ``bytes``: the document itself, followed by the strings that had escapes, unescaped.
/// Nothing is a `String` before a caller asks for one, numbers keep their digits, and a document
/// is parsed again and again into the same storage.
///
/// Invariants: `entries` is empty or describes a whole value; the members of an object are sorted
/// and no two are equal; every range lies in ``bytes`` and is UTF-8.
package struct JSONDocument: Sendable {
  /// How deep arrays and objects may nest.
  package static let depthMax = 64

  /// The largest document in bytes.
  package static let byteCountMax = 16 << 20

  /// What a value is.
  package enum Kind: UInt8, Sendable {
    case null, `false`, `true`, number, string, array, object
  }

  /// The place of a value in its document.
  package struct Node: Hashable, Sendable {
    let index: Int

    /// The outermost value.
    package static let root = Node(index: 0)
  }

  struct Entry: Sendable {
    var kind: Kind
    /// Of a text, its range in ``bytes``; of an object, its range in ``members``.
    var start: UInt32
    var end: UInt32
    /// The index after the last entry that belongs to this value.
    var next: UInt32
  }

  struct Member: Sendable {
    /// The first eight bytes of the key, big-endian, padded with zeros: decides most comparisons.
    let prefix: UInt64
    /// The entry of the key; its value is the entry after it.
    let key: UInt32
  }

  var entries: [Entry] = []
  var members: [Member] = []
  var text = ByteWriter()
  /// Members of the objects that are still open, innermost last.
  var pending: [Member] = []
  /// The next byte to read while parsing.
  var position = 0

  /// A document without a value; its root is null.
  package init() {}

  /// The bytes that all texts are ranges of.
  package var bytes: [UInt8] { text.bytes }

  /// Reads `input`, which must be exactly one JSON value with optional white space around it.
  ///
  /// After a fault the document holds no value.
  ///
  /// - Parameter input: At most ``byteCountMax`` bytes of JSON text.
  /// - Throws: ``JSONFault`` with the first offence.
  /// - Complexity: O(n), and O(k log k) for the k keys of an object.
  package mutating func parse(_ input: Span<UInt8>) throws(JSONFault) {
    clear()
    guard input.count <= Self.byteCountMax else { throw JSONFault(.tooLong, at: input.count) }
    text.write(input)
    do {
      try scanDocument(input)
    } catch {
      entries.removeAll(keepingCapacity: true)
      throw error
    }
  }

  mutating func clear() {
    entries.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    pending.removeAll(keepingCapacity: true)
    text.removeAll()
    position = 0
  }
}
