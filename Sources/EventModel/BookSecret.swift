internal import BinaryCoding
internal import Crypto

/// The secret of a book: whoever holds it can tell what was erased when it comes again, and nobody
/// else can.
///
/// No event carries it. It lies in `keys/book` of each replica that was given it.
/// Source: `docs/format/control-events.md` §6.
package struct BookSecret: Sendable {
  /// How many bytes it has.
  package static let byteCount = 32
  private static let tagByteCount = 16

  private let key: SymmetricKey

  /// The secret in `bytes`, or nothing when they are not 32.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    key = SymmetricKey(data: bytes)
  }

  /// The 16 bytes that name an identifier.
  ///
  /// - Parameter name: The UTF-8 of `kind:value`, as a section carries it.
  /// - Returns: The tag; the same wherever the secret is held.
  package func tagBytes(ofIdentifier name: some Collection<UInt8>) -> [UInt8] {
    var message: [UInt8] = [1]
    message += name
    if let colon = message.firstIndex(of: UInt8(ascii: ":")) { message[colon] = 0 }
    return tagBytes(of: message)
  }

  /// The 16 bytes that name an idempotency key; no identifier has the same.
  package func tagBytes(of key: IdempotencyKey) -> [UInt8] {
    var message = ByteWriter(capacity: 8 + key.source.count + key.sourceID.count)
    message.write(UInt8(0))
    message.writeVarint(UInt64(key.source.count))
    message.write(key.source)
    message.write(key.sourceID)
    return tagBytes(of: message.bytes)
  }

  private func tagBytes(of message: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: message, using: key).prefix(Self.tagByteCount))
  }
}

extension BookSecret: CustomStringConvertible {
  /// What it is; not the secret.
  package var description: String { "book secret" }
}
