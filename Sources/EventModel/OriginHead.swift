package import BinaryCoding
package import HybridTime
package import MerkleProofs

/// The largest head that a replica knows of an origin, and what it needs to prove it to others.
///
/// A replica that holds the events `1 … prefix` and keeps `rest` can rebuild the root, and serve what
/// it holds under the head. Source: `docs/format/heads.md`, `docs/format/proofs.md` §2.3.
package struct OriginHead: Hashable, Sendable {
  /// Whose head.
  package let origin: OriginID
  /// Size, root and signature.
  package let head: SignedHead
  /// How many events, from the first, the rest begins behind; at most the head's size.
  package let prefix: UInt64
  /// The hashes of the maximal aligned subtrees of all later leaves, ascending.
  package let rest: [Digest256]

  /// Joins the parts; the number of hashes must be that which prefix and size imply.
  package init(origin: OriginID, head: SignedHead, prefix: UInt64, rest: [Digest256]) {
    precondition(
      prefix <= head.head.size
        && AlignedSubtree.covering(prefix..<head.head.size).count == rest.count,
      "as many hashes as the sizes imply")
    self.origin = origin
    self.head = head
    self.prefix = prefix
    self.rest = rest
  }

  /// How many events the head covers.
  package var size: UInt64 { head.head.size }

  /// The rest with its places in the tree.
  package var subtrees: [HashedSubtree] {
    zip(AlignedSubtree.covering(prefix..<size), rest).map { HashedSubtree($0, hash: $1) }
  }

  /// Whether the tree whose first ``prefix`` leaves are `tree` has the head's root.
  package func fits(_ tree: MerkleFrontier) -> Bool {
    tree.size == prefix
      && MerkleTree.root(size: size, prefix: tree, run: [], rest: rest) == head.head.root
  }

  /// Writes origin, prefix, signed head and hashes.
  package func write(to writer: inout ByteWriter) {
    origin.write(to: &writer)
    writer.writeVarint(prefix)
    head.write(to: &writer)
    for hash in rest { hash.write(to: &writer) }
  }

  /// Reads what ``write(to:)`` wrote; the signature is not checked.
  ///
  /// - Parameter reader: Stands at the origin.
  /// - Throws: ``DecodingFault``.
  package init(from reader: inout ByteReader) throws(DecodingFault) {
    origin = try OriginID(from: &reader)
    let start = reader.offset
    prefix = try reader.readVarint()
    head = try SignedHead(from: &reader)
    guard prefix <= head.head.size else {
      throw .tooLarge(value: prefix, max: head.head.size, at: start)
    }
    var hashes: [Digest256] = []
    for _ in AlignedSubtree.covering(prefix..<head.head.size) {
      hashes.append(try Digest256(from: &reader))
    }
    rest = hashes
  }
}
