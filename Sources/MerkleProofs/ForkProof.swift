public import BinaryCoding

/// Two heads under one key and name whose trees cannot have grown from one another.
///
/// Anyone with the public key can check it; nobody can make one against an honest signer. Source:
/// `docs/format/proofs.md` §4.
public struct ForkProof: Hashable, Sendable {
  /// The head of the smaller tree; of two of one size, the one with the smaller root.
  public let smaller: SignedHead
  /// The other head.
  public let larger: SignedHead
  /// In the larger tree, the maximal aligned subtrees of the smaller size, then of the rest; of trees
  /// of one size, none.
  public let subtrees: [Digest256]

  /// The proof that two heads are of inconsistent trees, or nothing if they are consistent.
  ///
  /// - Parameters:
  ///   - one: A signed head.
  ///   - other: A head by the same signer.
  ///   - node: Gives the hash of an aligned subtree of the tree of the larger head.
  /// - Throws: What `node` throws.
  public init?<Fault: Error>(
    _ one: SignedHead, _ other: SignedHead, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) {
    let isOrdered = (one.head.size, one.head.root) <= (other.head.size, other.head.root)
    smaller = isOrdered ? one : other
    larger = isOrdered ? other : one
    let (size, end) = (smaller.head.size, larger.head.size)
    if size == end {
      subtrees = []
    } else {
      subtrees =
        try MerkleTree.subtrees(covering: 0..<size, node: node).map(\.hash)
        + MerkleTree.subtrees(covering: size..<end, node: node).map(\.hash)
    }
    guard showsFork else { return nil }
  }

  /// Whether both heads are signed by `verifier` and their trees are inconsistent. Never traps.
  public func isValid(by verifier: NoteVerifier) -> Bool {
    showsFork && smaller.isValid(by: verifier) && larger.isValid(by: verifier)
  }

  private var showsFork: Bool {
    let (old, new) = (smaller.head, larger.head)
    guard new.size <= MerkleFrontier.sizeMax else { return false }
    if old.size == new.size { return subtrees.isEmpty && old.root < new.root }
    guard old.size < new.size else { return false }
    let first = AlignedSubtree.covering(0..<old.size)
    guard subtrees.count >= first.count else { return false }
    var frontier = MerkleFrontier()
    for (subtree, hash) in zip(first, subtrees) {
      guard frontier.append(subtree: hash, level: subtree.level) else { return false }
    }
    guard frontier.root != old.root else { return false }
    let rest = Array(subtrees.dropFirst(first.count))
    return MerkleTree.root(size: new.size, prefix: frontier, run: [], rest: rest) == new.root
  }

  /// Writes both heads and the hashes, whose number the sizes imply.
  public func write(to writer: inout ByteWriter) {
    smaller.write(to: &writer)
    larger.write(to: &writer)
    for subtree in subtrees { subtree.write(to: &writer) }
  }

  /// Reads what ``write(to:)`` wrote; nothing is checked but the form.
  ///
  /// - Parameter reader: Stands at the smaller head.
  /// - Throws: ``DecodingFault`` when bytes are missing or malformed, or the heads are out of order.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    let start = reader.offset
    smaller = try SignedHead(from: &reader)
    larger = try SignedHead(from: &reader)
    let (old, new) = (smaller.head, larger.head)
    guard (old.size, old.root) < (new.size, new.root) else {
      throw .notCanonical(field: "order of heads", at: start)
    }
    var hashes: [Digest256] = []
    if old.size < new.size {
      let count =
        AlignedSubtree.covering(0..<old.size).count
        + AlignedSubtree.covering(old.size..<new.size).count
      for _ in 0..<count { hashes.append(try Digest256(from: &reader)) }
    }
    subtrees = hashes
  }
}
