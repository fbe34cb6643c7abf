import ColumnFormat
import EventModel
import SyntheticWorkload
import Testing

/// Columns that are mixed: by others, by their own leaves before, and words by the words before.
@Suite("Mixed columns")
struct MixedColumnTests {
  /// Everything at once, then single rows of each block.
  static func check(_ segment: EncodedSegment) throws {
    #expect(try segment.decoded() == segment.records)
    let tables = try ColumnTables(segment.tables, for: .rows)
    for (index, block) in segment.blocks.enumerated() {
      for row in stride(from: 0, to: block.rowCount, by: 911) {
        let record = try tables.record(
          row, facts: block.facts.span, persons: block.persons.span, rowCount: block.rowCount)
        #expect(record.bytes == segment.records[index * ColumnLimits.blockRows + row])
      }
    }
  }

  static func byteCount(
    _ count: Int, seed: UInt64, _ fields: (inout SeededGenerator, Int) -> [Value.Field]
  ) throws -> Int {
    var random = SeededGenerator(seed: seed)
    let drafts = (0..<count).map { index in
      SampleRecords.draft([Section(fields(&random, index)), Section([])])
    }
    let segment = try EncodedSegment(SampleRecords.drafts(drafts))
    try check(segment)
    return segment.byteCount
  }

  @Test("What another column tells is not stored again", arguments: 1...3 as ClosedRange<UInt64>)
  func given(seed: UInt64) throws {
    let names = ["poor", "fair", "good", "fine", "great", "superb"]
    func fields(_ random: inout SeededGenerator, isTold: Bool) -> [Value.Field] {
      let score = Int.random(in: 0..<6, using: &random)
      let other = Int.random(in: 0..<6, using: &random)
      let isSame = isTold && !random.oneIn(12)
      return [
        Value.Field("liked", .boolean(isTold ? score > 2 : random.oneIn(2))),
        Value.Field("name", .text(names[(isSame ? score + 1 : other) % 6])),
        Value.Field("score", .integer(Int64(score))),
      ]
    }
    let alone = try Self.byteCount(9000, seed: seed) { random, _ in
      fields(&random, isTold: false)
    }
    let told = try Self.byteCount(9000, seed: seed) { random, _ in fields(&random, isTold: true) }
    // Two and a half bits of a score and one of a boolean, less a little over half a bit of surprise.
    #expect(alone - told > 9000 * 5 / 16)
  }

  @Test("What a case did last tells what it does next")
  func last() throws {
    var states = [Int](repeating: 0, count: 40)
    let bytes = try Self.byteCount(9000, seed: 9) { random, _ in
      let at = Int.random(in: 0..<40, using: &random)
      states[at] = (states[at] + (random.oneIn(20) ? 2 : 1)) % 7
      return [
        Value.Field("case", .text("case \(at)")),
        Value.Field("step", .text("step number \(states[at])")),
      ]
    }
    // 5.3 bits of the case, 0.3 of the step, some bits of times and sequences.
    #expect(bytes < 9000 * 9 / 8)
  }

  @Test("Words are told by the words before them")
  func words() throws {
    var random = SeededGenerator(seed: 12)
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let vocabulary = (0..<1500).map { _ in
      String((0..<6).map { _ in random.pick(letters) })
    }
    let next = (0..<1500).map { _ in
      (0..<4).map { _ in Int.random(in: 0..<1500, using: &random) }
    }
    var wordTotal = 0
    let bytes = try Self.byteCount(6000, seed: 13) { random, index in
      var word = Int.random(in: 0..<1500, using: &random)
      var text = ""
      for _ in 0..<12 {
        text += (text.isEmpty ? "" : " ") + vocabulary[word]
        word = random.pick(next[word])
        wordTotal += 1
      }
      if index % 50 == 0 { text += " \(random.next())" }
      return [Value.Field("text", .text(text))]
    }
    // By itself a word takes ten and a half bits, what goes before leaves two; the rest of an event is
    // some three bytes.
    #expect(bytes < wordTotal * 21 / 16)
  }
}
