public import BinaryCoding

/// Who first appended an event: a device key and one incarnation of it.
///
/// The incarnation is drawn at random at install and at restore, so two copies of one store do not
/// write under the same name. Forty bytes: incarnation (8), then the Ed25519 public key (32); that
/// is also the order in which origins sort. Text is lowercase hexadecimal in the same order, so the
/// first 16 digits, the incarnation, are what people see.
public struct OriginID: Hashable, Comparable, Sendable {
  /// The random part, new for each incarnation.
  public let incarnation: UInt64
  /// The device's public key as four big-endian words.
  public let key: DeviceKey

  /// Joins a device key with one of its incarnations.
  public init(incarnation: UInt64, key: DeviceKey) {
    self.incarnation = incarnation
    self.key = key
  }

  /// How many bytes ``write(to:)`` writes.
  public static let byteCount = 40

  /// Reads forty bytes.
  ///
  /// - Parameter reader: Stands at the first of them.
  /// - Throws: ``DecodingFault/truncated(needed:available:at:)``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    incarnation = try reader.readUInt64BigEndian()
    key = try DeviceKey(from: &reader)
  }

  /// Writes forty bytes.
  public func write(to writer: inout ByteWriter) {
    writer.writeBigEndian(incarnation)
    key.write(to: &writer)
  }

  /// Byte order.
  public static func < (left: OriginID, right: OriginID) -> Bool {
    left.incarnation != right.incarnation
      ? left.incarnation < right.incarnation : left.key < right.key
  }
}

extension OriginID: CustomStringConvertible {
  /// The incarnation, 16 hexadecimal digits: how an origin is shown.
  public var description: String { hexadecimal(incarnation) }

  /// All forty bytes, 80 hexadecimal digits.
  public var fullDescription: String { description + key.description }

  /// Whether `prefix`, in lowercase hexadecimal, abbreviates this origin.
  public func isNamed(by prefix: String) -> Bool { fullDescription.hasPrefix(prefix) }
}

/// An Ed25519 public key, 32 bytes as four big-endian words.
public struct DeviceKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  let word0, word1, word2, word3: UInt64

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

  /// The key in `bytes`, or nothing when they are not 32.
  public init?(bytes: [UInt8]) {
    var reader = ByteReader(bytes.span)
    guard bytes.count == 32, let key = try? DeviceKey(from: &reader) else { return nil }
    self = key
  }

  /// The key that 64 lowercase hexadecimal digits write, or nothing when they are none.
  public init?(text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var words: [UInt64] = []
    for start in stride(from: 0, to: 64, by: 16) {
      let part = String(decoding: digits[start..<(start + 16)], as: UTF8.self)
      guard part == part.lowercased(), !part.hasPrefix("+"), !part.hasPrefix("-"),
        let word = UInt64(part, radix: 16)
      else { return nil }
      words.append(word)
    }
    (word0, word1, word2, word3) = (words[0], words[1], words[2], words[3])
  }

  /// Writes 32 bytes.
  public func write(to writer: inout ByteWriter) {
    writer.writeBigEndian(word0, word1, word2, word3)
  }

  /// Byte order.
  public static func < (left: DeviceKey, right: DeviceKey) -> Bool {
    (left.word0, left.word1, left.word2, left.word3)
      < (right.word0, right.word1, right.word2, right.word3)
  }

  /// Sixty-four hexadecimal digits.
  public var description: String {
    hexadecimal(word0) + hexadecimal(word1) + hexadecimal(word2) + hexadecimal(word3)
  }
}

/// Sixteen lowercase hexadecimal digits of `word`.
package func hexadecimal(_ word: UInt64) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
