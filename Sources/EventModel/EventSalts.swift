public import MerkleProofs

/// The secret salts of one event's sections: with them the sections prove what they are, without
/// them their commitments tell nothing.
///
/// Usually all of them derive from one leaf of the origin's salt tree; where some sections were erased
/// the leaf is gone and the salts of the others are kept one by one.
public enum EventSalts: Hashable, Sendable {
  /// All salts, by the leaf they derive from.
  case leaf(Digest256)
  /// The salts that are left, by section; none when all are gone.
  case sections([UInt8: Digest256])

  /// No salts are known.
  public static let none = EventSalts.sections([:])

  /// The salt of a section.
  ///
  /// - Parameter index: 0 to 15.
  /// - Returns: The salt, or nothing when it is not known or was destroyed.
  public func salt(ofSection index: Int) -> Digest256? {
    switch self {
    case .leaf(let leaf): SaltTree.sectionSalt(leaf, section: UInt8(truncatingIfNeeded: index))
    case .sections(let salts): salts[UInt8(truncatingIfNeeded: index)]
    }
  }
}
