package import BinaryCoding
internal import Foundation
package import MerkleProofs
internal import Testing

/// JSON with its members in the order given, so that a vector file has one text.
///
/// The tests of further modules write their vectors with it.
package indirect enum VectorText: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case text(String)
  case number(UInt64)
  case list([VectorText])
  case object([(String, VectorText)])

  package init(stringLiteral text: String) { self = .text(text) }
  package init(integerLiteral number: UInt64) { self = .number(number) }
  package init(_ number: Int) { self = .number(UInt64(number)) }
  package init(hex bytes: [UInt8]) { self = .text(bytes.hexadecimal) }
  package init(_ digest: Digest256) { self = .text(digest.description) }
  package init(_ digests: [Digest256]) { self = .list(digests.map { VectorText($0) }) }

  /// Objects within `open` levels take a line a member, all below stand on one line.
  func rendered(open: Int, indent: String = "") -> String {
    switch self {
    case .text(let text):
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
      return "\"\(escaped)\""
    case .number(let number): return "\(number)"
    case .list(let items):
      return Self.join(
        items.map { $0.rendered(open: open - 1, indent: indent + "  ") }, "[", "]",
        isOpen: open > 0, indent: indent)
    case .object(let members):
      let lines = members.map {
        "\"\($0.0)\": " + $0.1.rendered(open: open - 1, indent: indent + "  ")
      }
      return Self.join(lines, "{", "}", isOpen: open > 0, indent: indent)
    }
  }

  private static func join(
    _ parts: [String], _ start: String, _ end: String, isOpen: Bool, indent: String
  ) -> String {
    guard isOpen, !parts.isEmpty else { return start + parts.joined(separator: ", ") + end }
    let inner = "\n\(indent)  "
    return start + inner + parts.joined(separator: "," + inner) + "\n\(indent)" + end
  }

  /// Compares with the file `name` in the folder `Golden` beside `test`, or writes it when that is
  /// asked for.
  package func expectGolden(_ name: String, beside test: String = #filePath) throws {
    let file = URL(fileURLWithPath: test).deletingLastPathComponent()
      .appendingPathComponent("Golden").appendingPathComponent(name)
    let text = rendered(open: 2) + "\n"
    if ProcessInfo.processInfo.environment["DAYBOOK_REGENERATE_VECTORS"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let isSame = try String(contentsOf: file, encoding: .utf8) == text
    #expect(isSame, "\(name) differs from what the code makes")
  }
}

extension [UInt8] {
  /// Two lowercase hexadecimal digits a byte.
  package var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// What `write` writes.
  package init(writing write: (inout ByteWriter) -> Void) {
    var writer = ByteWriter()
    write(&writer)
    self = writer.bytes
  }
}
