internal import BinaryCoding

/// One signature line of a note: `— name base64(key id ‖ signature)`.
public struct NoteSignature: Sendable {
  /// Who signed.
  public let name: String
  /// Which of the keys of that name.
  public let keyID: UInt32
  /// At least one byte, of a kind that the key decides; 64 for Ed25519.
  public let signature: [UInt8]

  var line: [UInt8] {
    var payload = ByteWriter(capacity: 4 + signature.count)
    for shift in [24, 16, 8, 0] as [UInt32] {
      payload.write(UInt8(truncatingIfNeeded: keyID >> shift))
    }
    payload.write(signature)
    return Array("— \(name) ".utf8) + Base64.encode(payload.bytes) + [SignedNote.lineFeed]
  }

  /// The signature that `line`, without its line feed, spells, or nothing.
  init?(line: ArraySlice<UInt8>) {
    let dash = Array("— ".utf8)
    guard line.starts(with: dash) else { return nil }
    let rest = line.dropFirst(dash.count)
    guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
      let name = String(validating: rest[..<space], as: UTF8.self),
      NoteVerifier.isAllowed(name: name),
      let payload = Base64.decode(rest[(space + 1)...]), payload.count > 4
    else { return nil }
    self.name = name
    keyID = payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    signature = Array(payload.dropFirst(4))
  }

  init(_ signature: [UInt8], by verifier: NoteVerifier) {
    name = verifier.name
    keyID = verifier.keyID
    self.signature = signature
  }

  /// Whether name and key id are those of `verifier`; says nothing of the signature.
  func claims(_ verifier: NoteVerifier) -> Bool {
    keyID == verifier.keyID && name.utf8.elementsEqual(verifier.name.utf8)
  }
}

/// Text with signatures, in the form of C2SP signed-note. Read, but not trusted until checked.
///
/// Source: C2SP, signed-note; `docs/format/proofs.md` §3.1.
public struct SignedNote: Sendable {
  static let lineFeed = UInt8(ascii: "\n")
  /// The longest note that is read.
  public static let byteCountMax = 1 << 20
  /// The most signatures that are read.
  public static let signatureCountMax = 64

  /// What is signed; ends with a line feed.
  public let text: [UInt8]
  /// By whom, one or more.
  public let signatures: [NoteSignature]

  init(text: [UInt8], signature: NoteSignature) {
    assert(text.last == Self.lineFeed)
    self.text = text
    signatures = [signature]
  }

  /// Reads a note.
  ///
  /// - Parameter bytes: The whole note.
  /// - Throws: ``NoteFault`` for anything that ``bytes`` would not give back unchanged.
  public init(_ bytes: [UInt8]) throws(NoteFault) {
    guard bytes.count <= Self.byteCountMax else {
      throw .tooLong(byteCount: bytes.count, max: Self.byteCountMax)
    }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == Self.lineFeed }),
      String(validating: bytes, as: UTF8.self) != nil
    else { throw .notText }
    guard let blank = Self.lastBlankLine(of: bytes), bytes.last == Self.lineFeed,
      blank + 1 < bytes.count
    else { throw .noSignatures }
    text = Array(bytes[..<blank])
    signatures = try Self.readSignatures(bytes[(blank + 1)...].dropLast())
  }

  /// Where the last line without characters stands; a line stands before it.
  private static func lastBlankLine(of bytes: [UInt8]) -> Int? {
    bytes.indices.last { place in
      place > 0 && bytes[place] == lineFeed && bytes[place - 1] == lineFeed
    }
  }

  private static func readSignatures(
    _ lines: ArraySlice<UInt8>
  ) throws(NoteFault) -> [NoteSignature] {
    let lines = lines.split(separator: lineFeed, omittingEmptySubsequences: false)
    guard lines.count <= signatureCountMax else {
      throw .tooManySignatures(count: lines.count, max: signatureCountMax)
    }
    var signatures: [NoteSignature] = []
    for (number, line) in lines.enumerated() {
      guard let signature = NoteSignature(line: line) else {
        throw .malformedSignature(line: number + 1)
      }
      signatures.append(signature)
    }
    return signatures
  }

  /// The note as it is published.
  public var bytes: [UInt8] { text + [Self.lineFeed] + signatures.flatMap(\.line) }

  /// Requires a signature by `verifier`, and that every line in its name and key id is one.
  ///
  /// - Parameter verifier: The one key that is trusted; lines of others are ignored.
  /// - Throws: ``NoteFault/unsigned`` or ``NoteFault/badSignature``.
  public func check(by verifier: NoteVerifier) throws(NoteFault) {
    let claimed = signatures.filter { $0.claims(verifier) }
    guard !claimed.isEmpty else { throw .unsigned }
    for claim in claimed where !verifier.isValid(claim.signature, over: text) {
      throw .badSignature
    }
  }
}
