import BinaryCoding
import EventModel
import SyntheticWorkload
import Testing

@Suite("Value")
struct ValueTests {
  @Test("Decoding gives back what was encoded", arguments: 1...10 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let value = random.value(depth: 4)
      let bytes = value.encoded
      var reader = ByteReader(bytes.span)
      let decoded = try Value(from: &reader)
      #expect(decoded == value)
      try reader.expectEnd()
    }
  }

  @Test("Skipping ends where decoding ends", arguments: 1...5 as ClosedRange<UInt64>)
  func skipAgrees(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let value = random.value(depth: 4)
      let bytes = value.encoded + random.bytes(5)
      var skipper = ByteReader(bytes.span)
      try Value.skip(from: &skipper)
      let end = skipper.offset
      #expect(end == bytes.count - 5)
    }
  }

  @Test("Any cut is a typed fault, and leaves nothing half read", arguments: [1, 2, 3])
  func cut(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let bytes = random.value(depth: 3).encoded
      for count in 0..<bytes.count {
        let part = Array(bytes.prefix(count))
        #expect(throws: DecodingFault.self) {
          var reader = ByteReader(part.span)
          _ = try Value(from: &reader)
        }
      }
    }
  }

  @Test(
    "A mutated encoding is a fault or a canonical value", arguments: 1...8 as ClosedRange<UInt64>)
  func mutated(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1500 {
      var bytes = random.value(depth: 3).encoded
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = random.pick([
          0, 1, 3, 5, 6, 7, 8, 0x7f, 0x80, 0xff,
        ])
      }
      var reader = ByteReader(bytes.span)
      guard let value = try? Value(from: &reader) else { continue }
      let end = reader.offset
      #expect(value.encoded == Array(bytes.prefix(end)))
    }
  }

  @Test("Random bytes are a fault or a canonical value", arguments: [21, 22, 23, 24])
  func randomBytes(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
      let bytes = random.bytes(Int.random(in: 0...40, using: &random))
      var reader = ByteReader(bytes.span)
      if let value = try? Value(from: &reader) {
        let end = reader.offset
        #expect(value.encoded == Array(bytes.prefix(end)))
      }
      var skipper = ByteReader(bytes.span)
      try? Value.skip(from: &skipper)
    }
  }

  @Test("Fields are written in byte order of their names, whatever order they come in")
  func fieldOrder() {
    let one = Value.object([.init("b", 1), .init("@a", 2), .init("ä", 3), .init("B", 4)])
    let other = Value.object([.init("ä", 3), .init("B", 4), .init("b", 1), .init("@a", 2)])
    #expect(one.encoded == other.encoded)
    var reader = ByteReader(one.encoded.span)
    let names = (try? Value(from: &reader)).map { value -> [String] in
      guard case .object(let fields) = value else { return [] }
      return fields.map(\.name)
    }
    #expect(names == ["@a", "B", "b", "ä"])
  }

  @Test(
    "What is not canonical is refused",
    arguments: [
      [8, 2, 1, 0x62, 0, 1, 0x61, 0],  // names descend
      [8, 2, 1, 0x61, 0, 1, 0x61, 0],  // a name twice
      [4, 2, 0],  // scale 0
      [5, 1, 0x7d],  // a number that is none
      [5, 2, 0x30, 0x31],  // a number with a leading zero
      [5, 2, 0x31, 0x0a],  // a number with a line break behind it
    ] as [[UInt8]])
  func notCanonical(bytes: [UInt8]) throws {
    let fault = #expect(throws: DecodingFault.self) {
      var reader = ByteReader(bytes.span)
      _ = try Value(from: &reader)
    }
    guard case .notCanonical? = fault else {
      Issue.record("expected a fault of form, got \(String(describing: fault))")
      return
    }
  }

  @Test(
    "Huge counts, long varints, unknown tags and broken text are refused before anything is made",
    arguments: [
      [7, 0xff, 0xff, 0xff, 0xff, 0x0f],  // four billion elements
      [8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [6, 0xff, 0xff, 0xff, 0x7f, 0x61],  // text longer than what follows
      [3, 0x80, 0x00],  // an integer not in its shortest form
      [4, 2, 19],  // scale beyond 18
      [9],
      [6, 2, 0xc3, 0x28],  // not UTF-8
      [],
    ] as [[UInt8]])
  func refused(bytes: [UInt8]) {
    #expect(throws: DecodingFault.self) {
      var reader = ByteReader(bytes.span)
      _ = try Value(from: &reader)
    }
  }

  @Test("Values nest 64 levels deep and no deeper")
  func depth() throws {
    for (levels, isAllowed) in [(64, true), (65, false), (1_000_000, false)] {
      var bytes: [UInt8] = []
      for _ in 0..<levels { bytes += [ValueTag.array, 1] }
      bytes.append(ValueTag.null)
      var reader = ByteReader(bytes.span)
      let isDecoded = (try? Value(from: &reader)) != nil
      #expect(isDecoded == isAllowed)
      var skipper = ByteReader(bytes.span)
      let isSkipped = (try? Value.skip(from: &skipper)) != nil
      #expect(isSkipped == isAllowed)
    }
  }

  @Test("The grammar of numbers is JSON's")
  func numbers() {
    let valid = ["0", "-0", "10", "1.50", "1e5", "1E+5", "-2.5e-07", "123456789012345678901234"]
    for text in valid {
      let isNumber = Value.isJSONNumber(Array(text.utf8).span)
      #expect(isNumber, "\(text)")
    }
    let invalid = ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "1 ", " 1", "1,2"]
    for text in invalid {
      let isNumber = Value.isJSONNumber(Array(text.utf8).span)
      #expect(!isNumber, "\(text)")
    }
  }
}

@Suite("Decimal64")
struct Decimal64Tests {
  @Test("Digits are kept as written")
  func text() throws {
    let cases: [(Int64, UInt8, String)] = [
      (1250, 2, "12.50"), (-1250, 2, "-12.50"), (5, 3, "0.005"), (-5, 1, "-0.5"), (7, 0, "7"),
      (.min, 18, "-9.223372036854775808"), (0, 2, "0.00"),
    ]
    for (coefficient, scale, expected) in cases {
      let decimal = try #require(Decimal64(coefficient: coefficient, scale: scale))
      #expect(decimal.description == expected)
    }
    #expect(Decimal64(coefficient: 1, scale: 19) == nil)
  }

  @Test("Rescaling and adding are exact or refuse")
  func arithmetic() throws {
    let price = try #require(Decimal64(coefficient: 1250, scale: 2))
    #expect(price.rescaled(to: 1)?.description == "12.5")
    #expect(price.rescaled(to: 0) == nil)
    #expect(price.adding(Decimal64(3))?.description == "15.50")
    #expect(Decimal64(.max).adding(Decimal64(1)) == nil)
    #expect(Decimal64(.max).rescaled(to: 1) == nil)
  }
}
