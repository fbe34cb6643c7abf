/// Finds aliases, which a parser of YAML follows: a text of a few hundred bytes, ten aliases of ten aliases
/// and so on, stands for more nodes than anybody has time for.
struct YAMLAliases {
  /// The line of the first `*name` of which there is a `&name`, from 1; nothing in most files.
  private(set) var firstLine: Int?

  /// Looks through a text. What looks like an anchor and an alias of it within quotes counts, too.
  ///
  /// - Parameter text: YAML; names are those that libyaml reads: letters, digits, `_` and `-`.
  /// - Complexity: O(bytes).
  init(in text: String) {
    let bytes = Array(text.utf8)
    var anchors: Set<ArraySlice<UInt8>> = []
    var aliases: [(name: ArraySlice<UInt8>, line: Int)] = []
    var line = 1
    var before = UInt8(ascii: "\n")
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), Self.begins.contains(before) {
        let name = bytes[(index + 1)...].prefix(while: Self.isNamePart)
        if byte == UInt8(ascii: "&") { anchors.insert(name) } else { aliases.append((name, line)) }
      }
      before = byte
    }
    firstLine = aliases.first { !$0.name.isEmpty && anchors.contains($0.name) }?.line
  }

  /// What stands before an anchor or alias: white space, or a character that ends what came before.
  private static let begins = Array(" \t\r\n[]{},:?-\"'".utf8)

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
