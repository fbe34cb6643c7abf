internal import BinaryCoding
package import BookRules
package import EventModel
internal import HybridTime
package import MerkleProofs

// `keys/invitations`, version 0:
//
//   file  := mark 8 bytes `DAYBKINV`, version u32 = 0, count varint ≤ 256, entry*, checksum u32
//   entry := SHA-256 of the secret 32 bytes, roles u8, expires u64 ms, used u8 0 or 1
//
// Entries ascend by digest, each once. The checksum is the CRC32C of all bytes before it.

/// An invitation as the replica that gave it keeps it: enough to know its code again, and not to write
/// it.
package struct Invitation: Hashable, Sendable {
  /// SHA-256 of the code's secret.
  package let secretDigest: Digest256
  /// What the device that uses it is granted.
  package let roles: RoleSet
  /// When it ends, by the inviter's clock, in milliseconds since 1970.
  package let expiresMilliseconds: Int64
  /// Whether a device has joined with it.
  package fileprivate(set) var isUsed = false

  /// What people call it: the first 8 digits of the digest.
  package var name: String { String(secretDigest.description.prefix(8)) }

  /// The invitation as the command prints it.
  package var value: Value {
    .object([
      Value.Field("invitation", .text(name)),
      Value.Field("roles", .array(roles.roles.map { .text($0.name) })),
      Value.Field("expires", .text(CivilTime.text(milliseconds: expiresMilliseconds))),
      Value.Field("used", .boolean(isUsed)),
    ])
  }
}

/// The invitations that a replica gave.
///
/// Invariants: ascending by digest, each once, at most ``countMax``.
struct InvitationTable: Equatable {
  private(set) var invitations: [Invitation] = []

  /// The most that are kept.
  static let countMax = 256
  static let byteCountMax = 16 << 10
  private static let mark = Array("DAYBKINV".utf8)

  /// No invitations.
  init() {}

  /// The invitation with this secret.
  subscript(secretDigest: Digest256) -> Invitation? {
    invitations.first { $0.secretDigest == secretDigest }
  }

  /// Adds an invitation and drops those that have expired.
  ///
  /// - Returns: False when there is no room.
  mutating func add(_ invitation: Invitation, nowMilliseconds: Int64) -> Bool {
    invitations.removeAll { $0.expiresMilliseconds <= nowMilliseconds }
    guard invitations.count < Self.countMax else { return false }
    invitations.append(invitation)
    invitations.sort { $0.secretDigest < $1.secretDigest }
    return true
  }

  /// Marks an invitation as used.
  mutating func use(_ secretDigest: Digest256) {
    for index in invitations.indices where invitations[index].secretDigest == secretDigest {
      invitations[index].isUsed = true
    }
  }

  /// Removes an invitation.
  mutating func remove(_ secretDigest: Digest256) {
    invitations.removeAll { $0.secretDigest == secretDigest }
  }
}

extension InvitationTable {
  /// The file's bytes.
  var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 32 + invitations.count * 42)
    writer.write(Self.mark)
    writer.write(UInt32(0))
    writer.writeVarint(UInt64(invitations.count))
    for invitation in invitations {
      invitation.secretDigest.write(to: &writer)
      writer.write(invitation.roles.rawValue)
      writer.write(UInt64(bitPattern: invitation.expiresMilliseconds))
      writer.write(UInt8(invitation.isUsed ? 1 : 0))
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Reads the file.
  init(_ bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == 0
    else { throw .notCanonical(field: "mark or version", at: 0) }
    for _ in 0..<(try reader.readCount(max: Self.countMax)) {
      let invitation = try Invitation(from: &reader)
      if let last = invitations.last, invitation.secretDigest <= last.secretDigest {
        throw .notCanonical(field: "order of invitations", at: reader.offset)
      }
      invitations.append(invitation)
    }
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
  }
}

extension Invitation {
  init(secretDigest: Digest256, roles: RoleSet, expiresMilliseconds: Int64) {
    self.secretDigest = secretDigest
    self.roles = roles
    self.expiresMilliseconds = expiresMilliseconds
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingFault) {
    secretDigest = try Digest256(from: &reader)
    let start = reader.offset
    roles = RoleSet(rawValue: try reader.readByte())
    guard RoleSet.all.isSuperset(of: roles), !roles.isEmpty else {
      throw .unknownValue(field: "roles", value: UInt64(roles.rawValue), at: start)
    }
    expiresMilliseconds = Int64(bitPattern: try reader.readUInt64())
    let used = try reader.readByte()
    guard used <= 1 else {
      throw .unknownValue(field: "used", value: UInt64(used), at: reader.offset)
    }
    isUsed = used == 1
  }
}
