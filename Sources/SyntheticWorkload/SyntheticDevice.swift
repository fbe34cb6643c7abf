internal import BinaryCoding
package import EventModel
package import HybridTime
package import MerkleProofs

/// Device keys for tests: the secret follows from the incarnation, so that any test can sign the heads
/// of any synthetic origin.
extension DeviceSecret {
  /// The secret of the device that has an incarnation; the same whenever asked.
  package static func synthetic(of incarnation: UInt64) -> DeviceSecret {
    var writer = ByteWriter()
    writer.write("synthetic device")
    writer.write(incarnation)
    guard let secret = DeviceSecret(seed: Digest256.hash(writer.bytes).bytes) else {
      preconditionFailure("32 bytes are a secret")
    }
    return secret
  }
}

extension OriginID {
  /// The origin of the synthetic device that has an incarnation.
  package static func synthetic(_ incarnation: UInt64) -> OriginID {
    OriginID(incarnation: incarnation, key: DeviceSecret.synthetic(of: incarnation).key)
  }
}

extension OriginHead {
  /// The head of a synthetic origin's first events, of which nothing is missing.
  ///
  /// - Parameters:
  ///   - tree: The tree of its events.
  ///   - origin: An origin as ``HybridTime/OriginID/synthetic(_:)`` makes it.
  ///   - book: Whose log it is.
  /// - Returns: The head, signed.
  package static func synthetic(
    _ tree: MerkleFrontier, of origin: OriginID, in book: BookID
  ) -> OriginHead {
    let secret = DeviceSecret.synthetic(of: origin.incarnation)
    guard let signer = secret.signer(of: origin, in: book),
      let head = try? SignedHead(signing: TreeHead(tree), by: signer)
    else { preconditionFailure("the origin is not synthetic") }
    return OriginHead(origin: origin, head: head, prefix: tree.size, rest: [])
  }
}
