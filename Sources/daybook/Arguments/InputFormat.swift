internal import ArgumentParser
internal import EventModel

/// A format of raw input.
enum InputFormat: String, CaseIterable, ExpressibleByArgument {
  case cloudevents
  case segment
  case csv
  case ndjson

  /// What it is, in a sentence.
  var summary: String {
    switch self {
    case .cloudevents:
      "CloudEvents 1.0 as JSON, one a line or in arrays; what 'events --format cloudevents' writes."
    case .segment:
      "Messages of Segment's HTTP API, as its and RudderStack's SDKs send them, one a line."
    case .csv: "Any CSV with a heading; a mapping file says what its columns mean."
    case .ndjson: "Any JSON objects, one a line; a mapping file says what their fields mean."
    }
  }

  /// Whether a mapping file must say what the columns mean.
  var needsMapping: Bool { self == .csv || self == .ndjson }

  /// A few lines of it.
  var sample: String {
    switch self {
    case .cloudevents:
      #"{"specversion":"1.0","id":"m-1","source":"crm","type":"message.received","time":"2025-11-12T18:20:05Z","channel":"social","subject":"handle:@lena.makes","data":{"text":"Hello"}}"#
    case .segment: Self.firstLines(of: DemoSamples.webClicks, 1)
    case .csv: Self.firstLines(of: DemoSamples.tillSales, 2)
    case .ndjson: Self.firstLines(of: DemoSamples.socialMessages, 1)
    }
  }

  private static func firstLines(of sample: DemoSample, _ count: Int) -> String {
    sample.text.split(separator: "\n").prefix(count).joined(separator: "\n")
  }

  /// The format as JSON.
  var value: Value {
    .object([
      Value.Field("format", .text(rawValue)), Value.Field("summary", .text(summary)),
      Value.Field("needs_map", .boolean(needsMapping)), Value.Field("sample", .text(sample)),
    ])
  }
}
