import HybridTime
import SyntheticWorkload
import Testing

@Suite("IntervalSet")
struct IntervalSetTests {
  /// The sequences the model knows: both ends of the range, where arithmetic could overflow.
  static let universe: [UInt64] = Array(1...40) + Array((UInt64.max - 39)...UInt64.max)

  @Test("Every operation agrees with a set of integers", arguments: 1...8 as ClosedRange<UInt64>)
  func agreesWithModel(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      var (held, heldModel) = (IntervalSet(), Set<UInt64>())
      var (other, otherModel) = (IntervalSet(), Set<UInt64>())
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        insertRun(into: &held, model: &heldModel, using: &random)
        insertRun(into: &other, model: &otherModel, using: &random)
        expectEqual(held, heldModel)
      }
      expectEqual(held.subtracting(other), heldModel.subtracting(otherModel))
      expectEqual(other.subtracting(held), otherModel.subtracting(heldModel))
      var union = held
      union.formUnion(other)
      expectEqual(union, heldModel.union(otherModel))
    }
  }

  @Test("Runs in any order, touching or overlapping, make the same set", arguments: [3, 5, 9])
  func orderOfRunsIsFree(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let runs = (0..<60).map { _ in
      let first = UInt64.random(in: 1...500, using: &random)
      return IntervalSet.Run(first: first, last: first + UInt64.random(in: 0...9, using: &random))
    }
    let expected = IntervalSet(runs)
    for _ in 0..<20 { #expect(IntervalSet(runs.shuffled(using: &random)) == expected) }
  }

  @Test("Gaps are what is missing up to the highest sequence held")
  func gaps() {
    #expect(IntervalSet().gaps == IntervalSet())
    #expect(IntervalSet(run(1, 9)).gaps == IntervalSet())
    #expect(IntervalSet([run(3, 4), run(8, 8)]).gaps == IntervalSet([run(1, 2), run(5, 7)]))
    let end = IntervalSet(run(.max, .max))
    #expect(end.gaps == IntervalSet(run(1, .max - 1)))
  }

  @Test("The set of all sequences counts without overflow and lacks nothing")
  func everything() {
    let all = IntervalSet([run(1, 5), run(6, .max)])
    #expect(all.runs == [run(1, .max)])
    #expect(all.count == .max)
    #expect(all.contiguous == .max)
    #expect(all.subtracting(all).isEmpty)
    #expect(IntervalSet(run(2, .max - 1)).subtracting(all).isEmpty)
    #expect(all.subtracting(IntervalSet(run(7, .max))) == IntervalSet(run(1, 6)))
  }

  @Test("A gapless origin costs one run, whatever its length")
  func gaplessCostsOneRun() {
    var held = IntervalSet()
    for sequence in 1...1000 as ClosedRange<UInt64> { held.insert(sequence) }
    #expect(held.runs == [run(1, 1000)])
  }

  private func run(_ first: UInt64, _ last: UInt64) -> IntervalSet.Run {
    IntervalSet.Run(first: first, last: last)
  }

  private func insertRun(
    into set: inout IntervalSet, model: inout Set<UInt64>, using random: inout SeededGenerator
  ) {
    let half = random.pick([0..<40, 40..<80])
    let start = Int.random(in: half, using: &random)
    let end = min(start + Int.random(in: 0...6, using: &random), half.upperBound - 1)
    if start == end {
      set.insert(Self.universe[start])
    } else {
      set.insert(run(Self.universe[start], Self.universe[end]))
    }
    model.formUnion(Self.universe[start...end])
  }

  private func expectEqual(_ set: IntervalSet, _ model: Set<UInt64>) {
    #expect(set.runs.flatMap { Array($0.first...$0.last) } == model.sorted())
    #expect(set.count == UInt64(model.count))
    #expect(set.isEmpty == model.isEmpty)
    #expect(set.highest == model.max() ?? 0)
    #expect(Self.universe.allSatisfy { set.contains($0) == model.contains($0) })
    #expect(set.contiguous == contiguous(model))
    for (left, right) in zip(set.runs, set.runs.dropFirst()) {
      #expect(right.first > left.last + 1, "runs neither touch nor overlap")
    }
  }

  private func contiguous(_ model: Set<UInt64>) -> UInt64 {
    var last: UInt64 = 0
    while model.contains(last + 1) { last += 1 }
    return last
  }
}
