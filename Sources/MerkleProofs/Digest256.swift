public import BinaryCoding
internal import Crypto

/// A SHA-256 digest: 32 bytes as four big-endian words, compared in byte order.
public struct Digest256: Hashable, Comparable, Sendable {
  let word0, word1, word2, word3: UInt64

  init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// Thirty-two zero bytes, which stand for "nothing" where a digest must stand.
  public static let zero = Digest256(0, 0, 0, 0)

  /// Reads 32 bytes.
  ///
  /// - Parameter reader: Stands at the first of them.
  /// - Throws: ``DecodingFault/truncated(needed:available:at:)``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    word0 = try reader.readUInt64BigEndian()
    word1 = try reader.readUInt64BigEndian()
    word2 = try reader.readUInt64BigEndian()
    word3 = try reader.readUInt64BigEndian()
  }

  /// The digest in `bytes`, or nothing when they are not 32.
  public init?(bytes: [UInt8]) {
    var reader = ByteReader(bytes.span)
    guard bytes.count == 32, let digest = try? Digest256(from: &reader) else { return nil }
    self = digest
  }

  /// Writes 32 bytes.
  public func write(to writer: inout ByteWriter) {
    writer.writeBigEndian(word0, word1, word2, word3)
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 32)
    write(to: &writer)
    return writer.bytes
  }

  /// The first eight bytes as a big-endian integer: a key for hash tables and sparse indexes.
  public var prefix64: UInt64 { word0 }

  /// The digest of `bytes`. About 0.3 µs for 100 bytes.
  public static func hash(_ bytes: Span<UInt8>) -> Digest256 {
    var hasher = DigestBuilder()
    hasher.update(bytes)
    return hasher.finish()
  }

  /// The digest of `bytes`.
  public static func hash(_ bytes: [UInt8]) -> Digest256 { hash(bytes.span) }

  /// Byte order.
  public static func < (left: Digest256, right: Digest256) -> Bool {
    (left.word0, left.word1, left.word2, left.word3)
      < (right.word0, right.word1, right.word2, right.word3)
  }

  /// The sum of two digests as 256-bit integers, modulo 2²⁵⁶.
  public static func &+ (left: Digest256, right: Digest256) -> Digest256 {
    let (word3, carry3) = left.word3.addingReportingOverflow(right.word3)
    let (word2, carry2) = add(left.word2, right.word2, carry: carry3)
    let (word1, carry1) = add(left.word1, right.word1, carry: carry2)
    let (word0, _) = add(left.word0, right.word0, carry: carry1)
    return Digest256(word0, word1, word2, word3)
  }

  private static func add(_ left: UInt64, _ right: UInt64, carry: Bool) -> (UInt64, Bool) {
    let (sum, first) = left.addingReportingOverflow(right)
    let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (total, first || second)
  }
}

extension Digest256: CustomStringConvertible {
  /// Sixty-four lowercase hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Hashes bytes that come in pieces.
public struct DigestBuilder: Sendable {
  private var hasher = SHA256()

  /// Starts with no bytes.
  public init() {}

  /// Adds `bytes`.
  public mutating func update(_ bytes: Span<UInt8>) {
    // The pointer is used only inside the closure and the buffer covers exactly the span.
    unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
  }

  /// Adds `bytes`.
  public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

  /// The digest of all bytes so far.
  public func finish() -> Digest256 { Digest256(hasher.finalize()) }
}
