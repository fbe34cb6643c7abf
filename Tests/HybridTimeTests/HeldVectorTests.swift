import HybridTime
import SyntheticWorkload
import Testing

@Suite("HeldVector")
struct HeldVectorTests {
  @Test("Holding, counting and subtracting agree with a set of dots", arguments: [1, 2, 3, 4])
  func agreesWithModel(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let origins = (0..<4).map { _ in random.origin() }
    var (held, heldModel) = (HeldVector(), Set<Dot>())
    var (other, otherModel) = (HeldVector(), Set<Dot>())
    for _ in 0..<120 {
      let dot = Dot(
        origin: random.pick(origins), sequence: UInt64.random(in: 1...40, using: &random))
      if random.oneIn(2) {
        held.insert(dot)
        heldModel.insert(dot)
      } else {
        other.insert(IntervalSet.Run(first: dot.sequence, last: dot.sequence), of: dot.origin)
        otherModel.insert(dot)
      }
    }
    #expect(dots(of: held) == heldModel.sorted())
    #expect(held.count == UInt64(heldModel.count))
    #expect(dots(of: held.subtracting(other)) == heldModel.subtracting(otherModel).sorted())
    #expect(dots(of: other.subtracting(held)) == otherModel.subtracting(heldModel).sorted())
    #expect(heldModel.allSatisfy { held.contains($0) })
    #expect(otherModel.subtracting(heldModel).allSatisfy { !held.contains($0) })
  }

  @Test("Origins come in byte order, incarnation first")
  func originOrder() {
    var random = SeededGenerator(seed: 7)
    var held = HeldVector()
    let origins = (0..<20).map { _ in random.origin() }
    for origin in origins { held.insert(Dot(origin: origin, sequence: 1)) }
    #expect(held.origins.map(\.fullDescription) == origins.map(\.fullDescription).sorted())
  }

  @Test("A vector less itself has no origins left")
  func nothingLeft() {
    var held = HeldVector()
    var random = SeededGenerator(seed: 8)
    held.insert(Dot(origin: random.origin(), sequence: 3))
    #expect(held.subtracting(held) == HeldVector())
  }

  /// The dots a vector holds, in order.
  private func dots(of vector: HeldVector) -> [Dot] {
    vector.origins.flatMap { origin in
      vector[origin].runs.flatMap { run in
        (run.first...run.last).map { Dot(origin: origin, sequence: $0) }
      }
    }
  }
}
