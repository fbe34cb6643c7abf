internal import BinaryCoding
package import EventModel
package import MerkleProofs

// code     := 56 symbols of Crockford's base 32: 35 bytes, the highest bits first
// bytes    := book 16 bytes, secret 16 bytes, checksum 3 bytes
// checksum := the first 3 bytes of SHA-256("daybook invitation 1\n" ‖ book ‖ secret)
//
// Written in seven groups of eight. Readers skip hyphens and spaces, take small letters for capitals, o
// for 0, and i and l for 1. Source: `docs/format/invitations.md`.

/// A code that lets one device join a book, once.
package struct InvitationCode: Hashable, Sendable {
  /// The book.
  package let book: BookID
  private let secret: [UInt8]

  private static let secretByteCount = 16
  private static let checksumByteCount = 3
  private static let byteCount = 35
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  /// Longer texts are no codes.
  private static let textByteCountMax = 256

  /// An invitation to a book.
  ///
  /// - Parameters:
  ///   - book: The book.
  ///   - seed: Random bytes; the first 16 are the secret.
  package init(book: BookID, seed: Digest256) {
    self.book = book
    secret = Array(seed.bytes.prefix(Self.secretByteCount))
  }

  /// Reads a code as a person types it, or nothing when a symbol is wrong, missing or too many.
  package init?(text: String) {
    guard text.utf8.count <= Self.textByteCountMax, let bytes = Self.bytes(of: text) else {
      return nil
    }
    var reader = ByteReader(bytes.span)
    guard let book = try? BookID(from: &reader),
      let secret = try? reader.readBytes(count: Self.secretByteCount),
      let checksum = try? reader.readBytes(count: Self.checksumByteCount), reader.isAtEnd
    else { return nil }
    self.book = book
    self.secret = secret
    guard checksum == self.checksum else { return nil }
  }

  /// What the inviter keeps of the secret: its SHA-256.
  var secretDigest: Digest256 { Digest256.hash(secret) }

  private var content: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    book.write(to: &writer)
    writer.write(secret)
    return writer.bytes
  }

  private var checksum: [UInt8] {
    let digest = Digest256.hash(Array("daybook invitation 1\n".utf8) + content)
    return Array(digest.bytes.prefix(Self.checksumByteCount))
  }

  /// The 35 bytes that a text spells.
  private static func bytes(of text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt64 = 0
    var bitCount = 0
    for symbol in text.utf8 where symbol != UInt8(ascii: "-") && symbol != UInt8(ascii: " ") {
      guard let value = value(of: symbol) else { return nil }
      bits = (bits & 0xff) << 5 | value
      bitCount += 5
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(bitCount)))
    }
    return bytes.count == byteCount && bitCount == 0 ? bytes : nil
  }

  private static func value(of symbol: UInt8) -> UInt64? {
    let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(symbol)
    let capital = isSmall ? symbol - 32 : symbol
    switch capital {
    case UInt8(ascii: "O"): return 0
    case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
    default: return alphabet.firstIndex(of: capital).map { UInt64($0) }
    }
  }
}

extension InvitationCode: CustomStringConvertible {
  /// The code in seven groups of eight symbols. A secret: shown to whoever is invited, and never logged.
  package var description: String {
    var symbols: [UInt8] = []
    var bits: UInt64 = 0
    var bitCount = 0
    for byte in content + checksum {
      bits = (bits & 0xff) << 8 | UInt64(byte)
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        if symbols.count % 9 == 8 { symbols.append(UInt8(ascii: "-")) }
        symbols.append(Self.alphabet[Int(bits >> UInt64(bitCount) & 31)])
      }
    }
    return String(decoding: symbols, as: UTF8.self)
  }
}
