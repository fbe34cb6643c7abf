import ImportFiles
import SyntheticWorkload
import Testing

@Suite("Line splitter")
struct LineSplitterTests {
  /// The lines of `text`, cut into chunks of random sizes, as `number:text` and `number!length`.
  private func split(_ text: [UInt8], limit: Int, seed: UInt64) -> [String] {
    var generator = SeededGenerator(seed: seed)
    var splitter = LineSplitter(lineByteCountMax: limit)
    var found: [String] = []
    func take(_ batch: LineBatch) {
      for line in batch.lines {
        found.append("\(line.number):" + String(decoding: batch.bytes[line.range], as: UTF8.self))
      }
      found += batch.overlong.map { "\($0.number)!\($0.byteCount)" }
    }
    var start = 0
    while start < text.count {
      let end = min(text.count, start + Int.random(in: 1...9, using: &generator))
      take(splitter.split(Array(text[start..<end])))
      start = end
    }
    take(splitter.finish())
    return found.sorted {
      Int($0.prefix { $0.isNumber }) ?? 0 < Int($1.prefix { $0.isNumber }) ?? 0
    }
  }

  @Test("However the bytes are cut, the lines are the same", arguments: 0..<50 as Range<UInt64>)
  func cuts(seed: UInt64) {
    let text = "\u{feff}one\r\n\n  \r\ntwelve bytes\nthirteen byte\r\nfourteen bytes!\n\r\nlast"
    #expect(
      split(Array(text.utf8), limit: 13, seed: seed) == [
        "1:one", "4:twelve bytes", "5:thirteen byte", "6!15", "8:last",
      ])
  }

  @Test("A line of any length is counted and not kept")
  func overlong() {
    var splitter = LineSplitter(lineByteCountMax: 100)
    for _ in 0..<1_000 {
      let batch = splitter.split([UInt8](repeating: 0x78, count: 10_000))
      #expect(batch.lines.isEmpty && batch.overlong.isEmpty)
    }
    #expect(splitter.openLine?.byteCount == 10_000_000)
    let batch = splitter.split(Array("\nok\n".utf8))
    #expect(batch.overlong.map(\.number) == [1])
    #expect(batch.overlong.map(\.byteCount) == [10_000_000])
    #expect(batch.lines.map(\.number) == [2])
  }
}
