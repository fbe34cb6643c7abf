public import HybridTime
package import MerkleProofs

/// An origin that is proved to have forked: its device signed two heads of histories that exclude
/// each other, as when a store is copied and both copies write.
public struct ForkedOrigin: Hashable, Sendable {
  /// Who forked.
  public let origin: OriginID
  /// How many events the smaller of the two heads covers.
  public let smallerSize: UInt64
  /// How many events the larger one covers; of two equal ones, as many.
  public let largerSize: UInt64

  /// What a proof shows.
  ///
  /// - Parameters:
  ///   - origin: Who signed both heads.
  ///   - proof: Checked by the caller.
  package init(_ origin: OriginID, _ proof: ForkProof) {
    self.origin = origin
    smallerSize = proof.smaller.head.size
    largerSize = proof.larger.head.size
  }
}
