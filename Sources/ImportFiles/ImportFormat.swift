package import ChannelAdapters
internal import EventModel

/// The form of an input's messages.
package enum ImportFormat: Sendable {
  /// CloudEvents 1.0 in structured JSON, one event or an array of events a line.
  case cloudEvents
  /// Segment's calls, one a line.
  case segment
  /// A table in CSV, with a mapping.
  case csv(RowMapping)
  /// JSON objects, one a line, with a mapping.
  case ndjson(RowMapping)

  /// The name by which commands and dead letters call it.
  package var name: String {
    switch self {
    case .cloudEvents: "cloudevents"
    case .segment: "segment"
    case .csv: "csv"
    case .ndjson: "ndjson"
    }
  }
}
