import ChannelAdapters
import Testing

@Suite("CSV reader")
struct CSVReaderTests {
  /// Reads `text` in chunks of `size` bytes and says rows as fields joined by `|`, refusals as
  /// `!line fault`.
  private func read(_ text: [UInt8], size: Int = 7, limits: CSVReader.Limits = .init()) throws
    -> [String]
  {
    var reader = CSVReader(limits: limits)
    var items: [CSVReader.Item] = []
    for start in stride(from: 0, to: text.count, by: size) {
      items += try reader.read(Array(text[start..<min(start + size, text.count)]).span)
    }
    items += try reader.finish()
    return items.map { item in
      switch item {
      case .header(let names): "#" + names.joined(separator: "|")
      case .row(let row): (0..<row.fieldCount).map(row.field).joined(separator: "|")
      case .refused(let fault, let row): "!\(row.line) \(fault)".components(before: ";")
      }
    }
  }

  private func read(_ text: String, size: Int = 7) throws -> [String] {
    try read(Array(text.utf8), size: size)
  }

  @Test("Quotes, line breaks, BOM and CRLF, however the bytes are cut", arguments: 1...12)
  func grammar(size: Int) throws {
    let text =
      "\u{feff}\"id\",name,\r\n1,\"a \"\"b\"\", c\",\n\r\n\n2,\"two\r\nlines\",x\r\n3,5\" pipe,\"é\r\""
    #expect(
      try read(text, size: size) == [
        "#id|name|column_3", "1|a \"b\", c|", "2|two\r\nlines|x", "3|5\" pipe|é\r",
      ])
  }

  @Test("A bad row is refused with its line, and reading goes on")
  func badRows() throws {
    let text = "a,b\n1,2\n3\n\"x\"y,4\n5,6,7\n8,9\n"
    #expect(
      try read(text) == [
        "#a|b", "1|2", "!3 the row has 1 fields where the header has 2",
        "!4 field 1 goes on after its closing quote",
        "!5 the row has 3 fields where the header has 2", "8|9",
      ])
  }

  @Test("Text that is not UTF-8 refuses its row only")
  func invalidUTF8() throws {
    #expect(
      try read(Array("a,b\n1,".utf8) + [0xff] + Array("\n2,3".utf8))
        == ["#a|b", "!2 field 2 is not UTF-8", "2|3"])
  }

  @Test("Open quotes at the end are said with the line where the row began")
  func unterminated() throws {
    #expect(try read("a,b\n1,\"x\ny") == ["#a|b", "!2 the input ends inside quotes"])
  }

  @Test("A row beyond the limits is refused in bounded memory, and reading goes on")
  func limits() throws {
    var limits = CSVReader.Limits()
    limits.rowByteCountMax = 10
    limits.fieldCountMax = 3
    let text = "a,b\n1,\(String(repeating: "x", count: 100_000))\n,,,,,,\n2,3\n"
    #expect(
      try read(Array(text.utf8), size: 1_000, limits: limits) == [
        "#a|b", "!2 the row is longer than 10 bytes", "!3 the row has more than 3 fields", "2|3",
      ])
  }

  @Test("Two columns of one name end the file")
  func doubledColumn() {
    #expect(throws: CSVFault.doubledColumn(2)) { try read("a,b,a\n1,2,3\n") }
  }
}

extension String {
  fileprivate func components(before mark: Character) -> String {
    String(prefix { $0 != mark })
  }
}
