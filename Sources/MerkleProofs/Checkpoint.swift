/// What a log's signed note says: its name, the size of its tree, the root.
///
/// Source: C2SP, tlog-checkpoint; `docs/format/proofs.md` §3.1.
public struct Checkpoint: Sendable {
  /// The log's name.
  public let origin: String
  /// Size and root.
  public let head: TreeHead
  /// Further lines, which mean nothing to Daybook.
  public let extensions: [String]

  /// A checkpoint without extension lines.
  public init(origin: String, head: TreeHead) {
    self.origin = origin
    self.head = head
    extensions = []
  }

  /// Reads the text of a note.
  ///
  /// - Parameter text: Ends with a line feed.
  /// - Throws: ``NoteFault/malformedLine(_:)`` or ``NoteFault/notText``.
  public init(text: [UInt8]) throws(NoteFault) {
    var lines: [String] = []
    let parts = text.split(separator: SignedNote.lineFeed, omittingEmptySubsequences: false)
    guard parts.last?.isEmpty == true, parts.count >= 4 else { throw .malformedLine(parts.count) }
    for part in parts.dropLast() {
      guard !part.isEmpty else { throw .malformedLine(lines.count + 1) }
      guard let line = String(validating: part, as: UTF8.self) else { throw .notText }
      lines.append(line)
    }
    guard let size = Decimal62.decode(lines[1]) else { throw .malformedLine(2) }
    guard let root = Base64.decode(lines[2].utf8).flatMap(Digest256.init(bytes:)) else {
      throw .malformedLine(3)
    }
    origin = lines[0]
    head = TreeHead(size: size, root: root)
    extensions = Array(lines[3...])
  }

  /// The text that is signed.
  public var text: [UInt8] {
    let root = String(decoding: Base64.encode(head.root.bytes), as: UTF8.self)
    let lines = [origin, String(head.size), root] + extensions
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }
}

/// Sizes and indexes in text: ASCII digits without leading zeros, at most 2⁶².
enum Decimal62 {
  static func decode(_ text: String) -> UInt64? {
    guard let value = UInt64(text), value <= MerkleFrontier.sizeMax, String(value) == text else {
      return nil
    }
    return value
  }
}
