internal import BinaryCoding
internal import Crypto

/// The name and the public Ed25519 key by which notes are checked.
///
/// Source: C2SP, signed-note; `docs/format/proofs.md` §3.1.
public struct NoteVerifier: Sendable {
  /// The name in signature lines; compared byte by byte.
  public let name: String
  /// 32 bytes.
  public let publicKey: [UInt8]
  /// Distinguishes keys of one name; not a protection against anyone.
  public let keyID: UInt32
  private let key: Curve25519.Signing.PublicKey

  /// Signature type 0x01.
  private static let ed25519: UInt8 = 1

  /// A verifier, or nothing when the name is not allowed or the key is not 32 bytes.
  ///
  /// - Parameters:
  ///   - name: Such as `daybook.log/BOOK/ORIGIN`: 1 to 255 bytes without white space and `+`.
  ///   - publicKey: 32 bytes.
  public init?(name: String, publicKey: [UInt8]) {
    guard Self.isAllowed(name: name), publicKey.count == 32,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
    else { return nil }
    self.name = name
    self.publicKey = publicKey
    self.key = key
    let digest = Digest256.hash(Array(name.utf8) + [0x0a, Self.ed25519] + publicKey)
    keyID = UInt32(truncatingIfNeeded: digest.prefix64 >> 32)
  }

  /// The verifier that `vkey` spells, or nothing when it is not exactly that.
  ///
  /// - Parameter vkey: `name+KEYID+base64`, as ``vkey`` gives it.
  public init?(vkey: String) {
    let parts = vkey.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2)
    guard parts.count == 3, let name = String(parts[0]), let bytes = Base64.decode(parts[2]),
      bytes.first == Self.ed25519
    else { return nil }
    self.init(name: name, publicKey: Array(bytes.dropFirst()))
    guard self.vkey.utf8.elementsEqual(vkey.utf8) else { return nil }
  }

  /// The verifier as one word for configurations and other tools.
  public var vkey: String {
    let digits = String(keyID, radix: 16)
    let hex = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    let key = Base64.encode([Self.ed25519] + publicKey)
    return "\(name)+\(hex)+" + String(decoding: key, as: UTF8.self)
  }

  /// Whether `signature` is this key's over `text`. About 70 µs.
  public func isValid(_ signature: [UInt8], over text: [UInt8]) -> Bool {
    key.isValidSignature(signature, for: text)
  }

  /// Whether a key may have this name.
  static func isAllowed(name: String) -> Bool {
    (1...255).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0 != "+" && !$0.properties.isWhitespace
      }
  }
}

/// A name and the private Ed25519 key that signs notes under it.
public struct NoteSigner: Sendable {
  /// What others check this signer's notes by.
  public let verifier: NoteVerifier
  private let key: Curve25519.Signing.PrivateKey

  /// A signer, or nothing when the name is not allowed or the seed is not 32 bytes.
  ///
  /// - Parameters:
  ///   - name: As for ``NoteVerifier/init(name:publicKey:)``.
  ///   - seed: The private key of RFC 8032: 32 secret bytes.
  public init?(name: String, seed: [UInt8]) {
    guard seed.count == 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
      let verifier = NoteVerifier(name: name, publicKey: Array(key.publicKey.rawRepresentation))
    else { return nil }
    self.key = key
    self.verifier = verifier
  }

  /// The 64-byte signature over `text`. About 20 µs.
  ///
  /// - Parameter text: A note's text with its last line feed.
  /// - Returns: The signature; the same for the same text, except with Apple's CryptoKit.
  /// - Throws: ``NoteFault/signingFailed``.
  public func sign(_ text: [UInt8]) throws(NoteFault) -> [UInt8] {
    guard let signature = try? key.signature(for: text) else { throw .signingFailed }
    return Array(signature)
  }
}
