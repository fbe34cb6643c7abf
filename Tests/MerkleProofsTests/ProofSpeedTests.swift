internal import BinaryCoding
internal import Foundation
internal import MerkleProofs
internal import Testing

/// Prints how many events a second one core makes provable; asserts nothing of the time.
///
/// `DAYBOOK_MEASURE=1 swift test -c release --filter ProofSpeedTests`
@Suite(
  "Speed of proofs", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_MEASURE"] == "1"))
struct ProofSpeedTests {
  private static let windowCount = 25
  private static let section = [UInt8](repeating: 7, count: 100)

  @Test("Leaf, two salts, two commitments of 100 bytes, leaf hash of 165 bytes, frontier")
  func events() {
    measure("events", count: Self.windowCount * SaltTree.indexCount) {
      var frontier = MerkleFrontier()
      var header = ByteWriter(capacity: 256)
      for window in 0..<Self.windowCount {
        for (_, leaf) in SaltTree(seed: .hash([UInt8(window)])).leaves() {
          header.removeAll()
          header.write(Self.section)
          header.write(UInt8(1))
          for section in 0..<2 as Range<UInt8> {
            let salt = SaltTree.sectionSalt(leaf, section: section)
            Digest256.commitment(salt: salt, to: Self.section.span).write(to: &header)
          }
          frontier.append(MerkleFrontier.leafHash(header.bytes.span))
        }
      }
      return frontier.root
    }
  }

  @Test("Leaves alone, in order")
  func leaves() {
    measure("leaves", count: Self.windowCount * SaltTree.indexCount) {
      (0..<Self.windowCount).reduce(.zero) { sum, window in
        SaltTree(seed: .hash([UInt8(window)])).leaves().reduce(sum) { $0 &+ $1.leaf }
      }
    }
  }

  @Test("Signatures of heads, made and checked")
  func signatures() throws {
    let signer = try SignedNoteTests.signer()
    let head = try SignedHead(signing: TreeHead(size: 1, root: .zero), by: signer)
    measure("heads signed", count: 2000) {
      for _ in 0..<2000 { _ = try? SignedHead(signing: head.head, by: signer) }
      return .zero
    }
    measure("heads checked", count: 2000) {
      for _ in 0..<2000 { #expect(head.isValid(by: signer.verifier)) }
      return .zero
    }
  }

  /// The best of five runs; the result is used so that the work is done.
  private func measure(_ what: String, count: Int, _ work: () -> Digest256) {
    var results: Set<Digest256> = []
    let best = (0..<5).map { _ in ContinuousClock().measure { results.insert(work()) } }.min()
    #expect(results.count == 1)
    let nanoseconds = (best ?? .zero) / .nanoseconds(1) / Double(count)
    print("\(what): \(Int(1e9 / nanoseconds)) a second, \(Int(nanoseconds)) ns each")
  }
}
