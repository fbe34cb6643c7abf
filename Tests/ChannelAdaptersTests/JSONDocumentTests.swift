import BinaryCoding
import ChannelAdapters
import EventModel
import SyntheticWorkload
import Testing

@Suite("JSON document")
struct JSONDocumentTests {
  private func value(_ json: String) throws -> Value {
    var document = JSONDocument()
    try document.parse(Array(json.utf8).span)
    var writer = ByteWriter()
    document.transcode(.root, to: &writer)
    var reader = ByteReader(writer.bytes.span)
    return try Value(from: &reader)
  }

  private func fault(_ bytes: [UInt8]) -> JSONFault? {
    var document = JSONDocument()
    do throws(JSONFault) { try document.parse(bytes.span) } catch { return error }
    return nil
  }

  private func reason(_ json: String) -> JSONFault.Reason? { fault(Array(json.utf8))?.reason }

  @Test("Values come out exactly, members sorted by the bytes of their keys")
  func values() throws {
    let json = #" {"b":[1,-2.50,null],"a\u00e9":"x\n\ud83d\ude42","":true} "#
    #expect(
      try value(json)
        == .object([
          .init("", .boolean(true)), .init("aé", .text("x\n🙂")),
          .init(
            "b",
            .array([
              .integer(1), .decimal(try #require(Decimal64(coefficient: -250, scale: 2))), .null,
            ])),
        ]))
  }

  @Test(
    "Numbers lose nothing",
    arguments: [
      ("9223372036854775807", Value.integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number("9223372036854775808")),
      ("123456789012345678901234567890", .number("123456789012345678901234567890")),
      ("-0", .number("-0")), ("1e400", .number("1e400")), ("0", .integer(0)),
      ("0.1234567890123456789", .number("0.1234567890123456789")),
    ])
  func numbers(json: String, expected: Value) throws { #expect(try value(json) == expected) }

  @Test(
    "What RFC 8259 forbids is refused with its reason",
    arguments: [
      ("", JSONFault.Reason.truncated), ("{", .truncated), (#"{"a""#, .truncated),
      (#""abc"#, .truncated), ("tru", .truncated), ("[1,]", .unexpectedByte),
      ("{a:1}", .unexpectedByte), ("nul1", .unexpectedByte), ("1 2", .trailingBytes),
      ("{} x", .trailingBytes), ("01", .malformedNumber), ("1.", .malformedNumber),
      ("-", .malformedNumber), ("+1", .unexpectedByte), ("1e", .malformedNumber),
      (#""\x""#, .malformedEscape), (#""\u12g4""#, .malformedEscape),
      (#""\ud800""#, .loneSurrogate), (#""\udc00""#, .loneSurrogate),
      (#""\ud800\u0041""#, .loneSurrogate), ("\"a\tb\"", .controlCharacter),
      (#"{"a":1,"a":2}"#, .duplicateKey), (#"{"a":1,"\u0061":2}"#, .duplicateKey),
      ("\u{feff}{}", .unexpectedByte),
    ])
  func refusals(json: String, expected: JSONFault.Reason) { #expect(reason(json) == expected) }

  @Test(
    "Text that is not UTF-8 is refused at its first bad byte",
    arguments: [
      [0x80], [0xc0, 0xaf], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
      [0xff],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    let found = fault(Array("\"ab".utf8) + bytes + Array("\"".utf8))
    #expect(found?.reason == .invalidUTF8)
    #expect(found?.offset == 3)
  }

  @Test("What ends or breaks a text is found at every place in it")
  func places() {
    let endings: [([UInt8], JSONFault.Reason?)] = [
      ([UInt8(ascii: "\"")], nil), (Array("\\n\"".utf8), nil), (Array("é\"".utf8), nil),
      ([0x1f], .controlCharacter), ([0x00], .controlCharacter), ([0x80], .invalidUTF8),
      ([0xff], .invalidUTF8), ([], .truncated), (Array("\\x".utf8), .malformedEscape),
    ]
    for length in 0...40 {
      // 0x7f, 0x20 and 0x5d are neighbours of what is special and are not.
      let text = (0..<length).map { [UInt8(0x7f), 0x20, 0x5d, 0x21, 0x41][$0 % 5] }
      for (ending, reason) in endings {
        let found = fault([UInt8(ascii: "\"")] + text + ending)
        #expect(found?.reason == reason)
        if reason == .controlCharacter || reason == .invalidUTF8 {
          #expect(found?.offset == 1 + length)
        }
      }
    }
  }

  @Test("Sixty-four levels are read and ten thousand refused, without a trap")
  func depth() {
    func nested(_ count: Int) -> String {
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(reason(nested(64)) == nil)
    #expect(reason(nested(65)) == .tooDeep)
    #expect(reason(nested(10_000)) == .tooDeep)
    #expect(reason(String(repeating: #"{"a":"#, count: 10_000)) == .tooDeep)
  }

  @Test("Keys are found among many, and the same prefix does not confuse them")
  func members() throws {
    let names = (0..<200).map { "key_number_\($0)" } + ["k", "ke", "key_numb", "key_number"]
    let json = "{" + names.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}"
    var document = JSONDocument()
    try document.parse(Array(json.utf8).span)
    for name in names {
      let node = try #require(document.member(JSONDocument.Key(name), of: .root))
      #expect(document.string(of: node) == name)
    }
    #expect(document.member(JSONDocument.Key("key_number_"), of: .root) == nil)
  }

  @Test("What is written from a value reads back as the value", arguments: 0..<40 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let original = generator.value()
      var text = JSONText()
      var reader = ByteReader(original.encoded.span)
      try text.writeValue(from: &reader)
      let json = String(decoding: text.writer.bytes, as: UTF8.self)
      #expect(try value(json) == original, "seed \(seed)")
    }
  }

  @Test(
    "Any damage to a document is read or refused, never trapped", arguments: 0..<20 as Range<UInt64>
  )
  func damage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let sound = Array(#"{"a":[1,2.5,{"b":"x\u00e9\ud83d\ude42é"}],"c":null,"d":-1e5}"#.utf8)
    for _ in 0..<500 {
      var bytes = sound
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if generator.oneIn(3) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
      if let fault = fault(bytes) { #expect(fault.offset <= bytes.count) }
    }
  }
}
