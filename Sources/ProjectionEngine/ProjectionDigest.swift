internal import BinaryCoding
package import MerkleProofs

/// The digest of a set of answer rows, independent of their order.
///
/// `SHA-256(row count u64 ‖ sum of SHA-256(row) modulo 2²⁵⁶, 32 bytes)`, integers big-endian.
package struct ProjectionDigest: Sendable {
  private var rowCount: UInt64 = 0
  private var sum = Digest256.zero

  /// The digest of no rows.
  package init() {}

  /// Adds a row.
  package mutating func add(_ row: [UInt8]) {
    rowCount += 1
    sum = sum &+ Digest256.hash(row)
  }

  /// The digest of all rows so far.
  package func finish() -> Digest256 {
    var writer = ByteWriter(capacity: 40)
    writer.writeBigEndian(rowCount)
    sum.write(to: &writer)
    return Digest256.hash(writer.bytes)
  }
}
