internal import BookRules
package import EventModel
internal import HybridTime
internal import ProjectionEngine

/// One line of a customer's timeline.
package struct TimelineEntry: Hashable, Sendable {
  /// The event.
  package let event: Event
  /// The stage of the journey it stands for.
  package let stage: JourneyStage?

  /// The line as commands print it; facts without reserved names, in byte order.
  package var value: Value {
    let facts = event.facts.fields.filter { !$0.name.hasPrefix("@") }
    return .object([
      Value.Field("event", .text(event.dot.description)),
      Value.Field("occurred", .time(event.occurredMilliseconds)),
      Value.Field("channel", .text(event.channel.description)),
      Value.Field("type", .text(event.type.name)),
      Value.Field("stage", stage.map { .text($0.rawValue) } ?? .null),
      Value.Field(
        "touchpoint", event.facts.text(ReservedName.touchpoint).map { .text($0) } ?? .null),
      Value.Field("source", event.personal.text(ReservedName.source).map { .text($0) } ?? .null),
      Value.Field("facts", .object(facts)),
    ])
  }
}

/// The latest events of a stream that comes in any order, at most `limit` of them in memory twice.
struct LatestEvents {
  let limit: Int
  private var kept: [EffectiveEvent] = []

  init(limit: Int) { self.limit = limit }

  mutating func add(_ event: EffectiveEvent) {
    kept.append(event)
    if kept.count / 2 >= max(limit, 512) { trim() }
  }

  private mutating func trim() {
    kept.sort { $1.key < $0.key }
    kept.removeLast(max(0, kept.count - limit))
  }

  /// Newest first in fold order, with their stages as documents say.
  mutating func finish(_ documents: DocumentsInForce) -> [TimelineEntry] {
    trim()
    return kept.map {
      TimelineEntry(event: $0.event, stage: documents.stage(of: $0.event, at: $0.key))
    }
  }
}
