/// That one entry is in a log, for anyone, offline: the contents of a `.tlog-proof` file.
///
/// Source: C2SP, tlog-proof; `docs/format/proofs.md` §3.3.
public struct ProofFile: Sendable {
  private static let mark = "c2sp.org/tlog-proof@v1"
  private static let hashCountMax = 64

  /// Bytes of the application, not authenticated.
  public let extra: [UInt8]
  /// The entry's leaf, from 0.
  public let index: UInt64
  /// The inclusion proof, from the leaf's sibling to the child of the root.
  public let hashes: [Digest256]
  /// The log's checkpoint.
  public let checkpoint: SignedNote

  /// Puts together what was proved elsewhere.
  ///
  /// - Parameters:
  ///   - index: The entry's leaf, at most 2⁶².
  ///   - hashes: The inclusion proof.
  ///   - checkpoint: The signed head at whose size the proof was made.
  ///   - extra: Written only if not empty.
  public init(
    index: UInt64, hashes: [Digest256], checkpoint: SignedNote, extra: [UInt8] = []
  ) {
    self.index = index
    self.hashes = hashes
    self.checkpoint = checkpoint
    self.extra = extra
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    var lines = [Self.mark]
    if !extra.isEmpty { lines.append("extra " + Self.base64(extra)) }
    lines.append("index \(index)")
    lines += hashes.map { Self.base64($0.bytes) }
    return Array(lines.map { $0 + "\n" }.joined().utf8) + [SignedNote.lineFeed]
      + checkpoint.bytes
  }

  /// Reads a file.
  ///
  /// - Parameter bytes: The whole file, at most 1 MiB.
  /// - Throws: ``NoteFault`` for anything that ``bytes`` would not give back unchanged.
  public init(_ bytes: [UInt8]) throws(NoteFault) {
    guard bytes.count <= SignedNote.byteCountMax else {
      throw .tooLong(byteCount: bytes.count, max: SignedNote.byteCountMax)
    }
    var lines = LineReader(rest: bytes[...])
    guard lines.next() == Self.mark else { throw lines.fault }
    var line = lines.next()
    if let text = line.flatMap({ Self.payload(of: $0, after: "extra ") }) {
      guard let bytes = Base64.decode(text.utf8), !bytes.isEmpty else { throw lines.fault }
      extra = bytes
      line = lines.next()
    } else {
      extra = []
    }
    guard let digits = line.flatMap({ Self.payload(of: $0, after: "index ") }),
      let index = Decimal62.decode(String(digits))
    else { throw lines.fault }
    self.index = index
    hashes = try Self.readHashes(from: &lines)
    checkpoint = try SignedNote(Array(lines.rest))
  }

  private static func readHashes(
    from lines: inout LineReader
  ) throws(NoteFault) -> [Digest256] {
    var hashes: [Digest256] = []
    while true {
      guard let line = lines.next() else { throw lines.fault }
      if line.isEmpty { return hashes }
      guard hashes.count < hashCountMax,
        let hash = Base64.decode(line.utf8).flatMap(Digest256.init(bytes:))
      else { throw lines.fault }
      hashes.append(hash)
    }
  }

  /// Requires that the checkpoint is signed by `verifier` and that `leaf` is in its tree.
  ///
  /// - Parameters:
  ///   - leaf: The leaf hash of the entry.
  ///   - verifier: The log's key.
  /// - Returns: The head in whose tree the leaf is, or nothing if the proof does not lead there.
  /// - Throws: ``NoteFault`` if the checkpoint is not a signed one of that log.
  public func head(proving leaf: Digest256, by verifier: NoteVerifier) throws(NoteFault)
    -> TreeHead?
  {
    try checkpoint.check(by: verifier)
    let said = try Checkpoint(text: checkpoint.text)
    guard said.origin.utf8.elementsEqual(verifier.name.utf8) else { throw .malformedLine(1) }
    let isIncluded = MerkleTree.isIncluded(leaf, at: index, in: said.head, proof: hashes)
    return isIncluded ? said.head : nil
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    String(decoding: Base64.encode(bytes), as: UTF8.self)
  }

  private static func payload(of line: String, after key: String) -> Substring? {
    line.hasPrefix(key) ? line.dropFirst(key.count) : nil
  }
}

/// Takes lines off the front of bytes.
private struct LineReader {
  var rest: ArraySlice<UInt8>
  var number = 0

  /// That the line taken last is not what should stand there.
  var fault: NoteFault { .malformedLine(number) }

  /// The next line without its line feed, or nothing at the end or where it is not UTF-8.
  mutating func next() -> String? {
    number += 1
    guard let end = rest.firstIndex(of: SignedNote.lineFeed) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }
}
