import EventModel
import Foundation
import SyntheticWorkload
import Testing

@Suite("Value as JSON")
struct ValueJSONTests {
  @Test("Every kind is written as JSON says")
  func kinds() throws {
    let decimal = try #require(Decimal64(coefficient: -1250, scale: 2))
    let value = Value.object([
      .init("a", .array([nil, true, false, 1, .decimal(decimal), .number("1e400")])),
      .init("b", "é\"\\\n\r\t\u{1}\u{7f}/"),
    ])
    #expect(
      value.json
        == #"{"a":[null,true,false,1,-12.50,1e400],"b":"é\"\\\n\r\t\u0001\u007f/"}"#)
  }

  @Test("Another reader finds the same structure and text", arguments: [1, 2, 3, 4])
  func anotherReader(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let value = random.value(depth: 4)
      guard !hasHugeNumber(value) else { continue }
      let parsed = try JSONSerialization.jsonObject(
        with: Data(value.json.utf8), options: .fragmentsAllowed)
      #expect(matches(parsed, value))
      #expect(!value.json.utf8.contains(0x0a), "one value, one line")
    }
  }

  /// Whether a number is beyond what the other reader takes.
  private func hasHugeNumber(_ value: Value) -> Bool {
    switch value {
    case .number(let text): text == "1e400"
    case .array(let values): values.contains(where: hasHugeNumber)
    case .object(let fields): fields.contains { hasHugeNumber($0.value) }
    default: false
    }
  }

  private func matches(_ parsed: Any, _ value: Value) -> Bool {
    switch value {
    case .null: parsed is NSNull
    case .boolean(let boolean): (parsed as? Bool) == boolean
    case .integer(let integer): (parsed as? NSNumber)?.int64Value == integer
    case .decimal, .number: parsed is NSNumber
    case .text(let text): (parsed as? String).map { Array($0.utf8) } == Array(text.utf8)
    case .array(let values):
      (parsed as? [Any]).map {
        $0.count == values.count && zip($0, values).allSatisfy { matches($0, $1) }
      } ?? false
    case .object(let fields):
      (parsed as? [String: Any]).map { object in
        object.count == fields.count
          && fields.allSatisfy { field in
            object[field.name].map { matches($0, field.value) } ?? false
          }
      } ?? false
    }
  }
}
