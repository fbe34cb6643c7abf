import ChannelAdapters
import EventModel
import SyntheticWorkload
import Testing

@Suite("Values that look like a person's")
struct PersonalValueTests {
  private func likeness(_ text: String, isCode: Bool) -> PersonalValue? {
    PersonalValue(Array(text.utf8).span, isCode: isCode)
  }

  @Test(
    "Known in any field",
    arguments: [
      ("jane@example.com", PersonalValue.email), ("@jane", .email), ("a@", .email),
      ("/account?mail=jane%40example.com", .email),
      ("+34 600 111 222", .phone), ("+34600111222", .phone), ("call +1 (555) 010-9999 now", .phone),
      ("(+44) 20 7946 0958", .phone), ("tel:+4915112345678", .phone), ("+12345678", .phone),
      ("4111111111111111", .card), ("4111 1111 1111 1111", .card), ("4111-1111-1111-1111", .card),
      ("5555555555554444", .card), ("2223003122003222", .card), ("378282246310005", .card),
      ("3782 822463 10005", .card), ("6011111111111117", .card), ("3530111333300000", .card),
      ("30569309025904", .card), ("6200000000000005", .card),
      ("card 4111111111111111, paid", .card),
      ("4111 1111 1111 1111 2024", .card), ("4000000000000000006", .card),
      ("192.0.2.10", .internetAddress), ("from 203.0.113.7:8080", .internetAddress),
      ("(10.20.30.40)", .internetAddress), ("2001:db8::7", .internetAddress),
      ("2001:0db8:0000:0000:0000:0000:0000:0007", .internetAddress),
      ("[2001:db8:1::7]", .internetAddress), ("::ffff:192.0.2.10", .internetAddress),
    ])
  func known(text: String, expected: PersonalValue) {
    #expect(likeness(text, isCode: true) == expected)
    #expect(likeness(text, isCode: false) == expected)
  }

  @Test(
    "Not a person's in any field",
    arguments: [
      "", " ", "web", "summer sale", "GLASS STAR 21730", "536365", "C536365", "EUR", "12.50",
      "1,234,567.89", "1234567.89", "-12345678901", "2024-05-31", "20240531", "31.05.2024",
      "2024-05-31T12:00:00Z", "2024-05-31T12:00:00.123+02:00", "2024-05-31 12:00:00",
      "31/05/2024 12:00", "2024/05/31 1200", "31-05-2024 1200", "12:30:45", "+34", "+1234567",
      "+0034600111222", "a+34600111222", "+34600111222x", "v10.20.30.40", "1.2.3.4", "10.20.30",
      "10.20.3.256", "10.20.3.040", "10.20.3.4.5", "std::vector", "dead::beef", "a::b", "::",
      "00:1a:2b:3c:4d:5e", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "2001::db8::7", "100%",
      "5901234123457", "4006381333931", "9783161484100", "978-3-16-148410-0",
      "4111111111111112", "1111111111111117", "8999999999999999999", "99999999999999999999999",
      "x4111111111111111", "0.4111111111111111", "41111-1111111-1111", "123-4567890-1234567",
      "550e8400-e29b-41d4-a716-446655440000", "sha256-0123456789abcdef", "1-800",
    ])
  func unknown(text: String) {
    #expect(likeness(text, isCode: true) == nil)
    #expect(likeness(text, isCode: false) == nil)
  }

  @Test(
    "Digits that are a telephone's unless the field holds codes",
    arguments: [
      "600111222", "600 111 222", "600.111.222", "(555) 010-9999", "555/0109999", "0034600111222",
      "00 34 600 111 222", "346001112223", "06.12.34.56.78",
    ])
  func national(text: String) {
    #expect(likeness(text, isCode: false) == .phone)
    #expect(likeness(text, isCode: true) == nil)
  }

  @Test("Fields of codes are those of the catalogue")
  func codes() {
    let texts = Set(
      EventCatalogue.builtIn.entries.flatMap(\.schema.facts).filter { $0.kind == .text }.map(\.name)
    )
    #expect(
      texts.filter { !PersonalValue.isCode(fieldName: $0) }.sorted() == [
        "affiliation", "agent", "basis", "brand", "campaign", "category", "country", "creative",
        "currency", "direction", "payment_method", "policy", "priority", "program",
        "promotion_type", "purpose", "queue", "scale", "section", "status", "survey", "tier",
        "topic",
      ])
  }

  @Test("Whole numbers: nine to twelve digits, and cards")
  func numbers() {
    for number in [600_111_222, 999_999_999_999, 4_111_111_111_111_111, 100_000_000] as [Int64] {
      #expect(PersonalValue(number) != nil)
    }
    let others: [Int64] = [
      0, -1, 5, 99_999_999, -600_111_222, 1_000_000_000_000, 4_111_111_111_111_112, .max, .min,
    ]
    for number in others { #expect(PersonalValue(number) == nil) }
  }

  @Test("Article numbers and order numbers are rarely taken for cards", arguments: [1, 2, 3])
  func rarely(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var taken = 0
    for _ in 0..<10_000 {
      let count = Int.random(in: 8...18, using: &random)
      let digits = (0..<count).map { _ in Character("\(Int.random(in: 0...9, using: &random))") }
      if likeness(String(digits), isCode: true) != nil { taken += 1 }
    }
    #expect(taken < 100)
  }

  @Test("Bytes of any kind are looked at without harm", arguments: [1, 2, 3])
  func noise(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("0123456789abf+-.:/() @%4é".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...40, using: &random)
      let text = (0..<count).map { _ in random.pick(alphabet) }
      let codes = PersonalValue(text.span, isCode: true)
      // What is known in a field of codes is known in any other.
      if let codes { #expect(PersonalValue(text.span, isCode: false) == codes) }
    }
  }
}
