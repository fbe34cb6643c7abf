internal import EventModel
internal import EventStorage
internal import HybridTime

/// Which events of a log are wanted.
struct EventQuery: Sendable {
  /// Which of an event's times ``since`` and ``until`` speak of.
  enum Clock: String, CaseIterable, Sendable {
    case occurred
    case recorded
  }

  var clock = Clock.occurred
  /// Not before, in milliseconds since 1970.
  var since: Int64?
  /// Before, in milliseconds since 1970.
  var until: Int64?
  var channels: Set<Channel> = []
  var types: [TypePattern] = []
  var subject: Identifier?
  var source: [UInt8]?
  /// Whether events that govern the book are wanted too.
  var includesControl = false

  /// Whether the event is wanted.
  func matches(_ event: Event) -> Bool {
    if event.type.isControl, !includesControl { return false }
    if !channels.isEmpty, !channels.contains(event.channel) { return false }
    if !types.isEmpty, !types.contains(where: { $0.matches(event.type) }) { return false }
    return isInTime(event) && isFromSource(event) && isAboutSubject(event)
  }

  /// What lets the log pass over whole blocks; nothing when no time can match.
  var blockFilter: BlockFilter? {
    var filter = BlockFilter()
    let first = since ?? .min
    let (last, overflow) = (until ?? .max).subtractingReportingOverflow(until == nil ? 0 : 1)
    guard !overflow, first <= last else { return nil }
    switch clock {
    case .occurred: filter.occurredMilliseconds = first...last
    case .recorded: filter.recordedMilliseconds = first...last
    }
    if !channels.isEmpty { filter.channels = channels }
    return filter
  }

  private func isInTime(_ event: Event) -> Bool {
    guard since != nil || until != nil else { return true }
    let time =
      clock == .occurred ? event.occurredMilliseconds : event.recorded.milliseconds
    if let since, time < since { return false }
    if let until, time >= until { return false }
    return true
  }

  private func isFromSource(_ event: Event) -> Bool {
    guard let source else { return true }
    let personal = event.personal
    return personal.textRange(ReservedName.source).map { personal.bytes[$0] == source[...] }
      ?? false
  }

  private func isAboutSubject(_ event: Event) -> Bool {
    guard let subject else { return true }
    return event.persons.contains { $0.identifiers.contains(subject) }
  }
}
