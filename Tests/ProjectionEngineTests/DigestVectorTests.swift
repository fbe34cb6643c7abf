import EventModel
import MerkleProofs
import MerkleProofsTests
import ProjectionEngine
import Testing

/// `Golden/digests.json`: digests of answers, from their rows.
@Suite("Vectors of projection digests")
struct DigestVectorTests {
  @Test("Digests of rows are as in the golden file, in whatever order the rows come")
  func golden() throws {
    // The digests of these three add up to more than 2²⁵⁶.
    let rows: [[UInt8]] = [Array("row 1".utf8), Array("row 2".utf8), [], Array("row 1".utf8)]
    let sets = [[], Array(rows.prefix(1)), Array(rows.prefix(3)), rows]
    for set in sets { #expect(digest(of: set) == digest(of: set.reversed())) }
    try VectorText.object([
      ("kind", "projection-digest"), ("version", 1),
      (
        "answers",
        .list(
          sets.map { set in
            .object([
              ("rows", .list(set.map { VectorText(hex: $0) })),
              ("digest", VectorText(digest(of: set))),
            ])
          })
      ),
    ]).expectGolden("digests.json")
  }

  private func digest(of rows: some Sequence<[UInt8]>) -> Digest256 {
    var digest = ProjectionDigest()
    for row in rows { digest.add(row) }
    return digest.finish()
  }
}
