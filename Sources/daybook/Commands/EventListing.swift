internal import ArgumentParser
internal import BinaryCoding
internal import ChannelAdapters
internal import EventModel
internal import EventStorage
internal import ProjectionEngine

/// Walks a log and writes the events that a query wants, as they are read.
///
/// Memory stays bounded whatever the size of the log: each event is written into the output's
/// buffer and forgotten.
struct EventListing {
  /// The form of the output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case cloudevents
    case ndjson
    case csv
    /// One JSON document with all of them.
    case document
    /// Aligned lines for people.
    case rows

    static var allValueStrings: [String] { ["cloudevents", "ndjson", "csv"] }

    init?(argument: String) {
      guard Self.allValueStrings.contains(argument) else { return nil }
      self.init(rawValue: argument)
    }
  }

  let snapshot: LogSnapshot
  /// Takes out what was redacted or erased.
  let rules: LogEvents
  let query: EventQuery
  let format: Format
  let console: Console
  var includesCopies = false
  var isReversed = false
  var countMax = UInt64.max
  var start: LogPosition?

  private var count: UInt64 = 0
  private var json = EventJSONWriter()
  private var csv = EventCSVWriter()
  private var cloudEvents = CloudEventsWriter()

  /// A listing of what `query` wants in `snapshot`.
  init(
    snapshot: LogSnapshot, rules: LogEvents, query: EventQuery, format: Format, console: Console
  ) {
    self.snapshot = snapshot
    self.rules = rules
    self.query = query
    self.format = format
    self.console = console
  }

  /// Writes the listing.
  ///
  /// - Throws: ``StorageError``, ``ClosedPipe``.
  mutating func write() throws {
    begin()
    if let subject = query.subject {
      try writePositions(of: subject)
    } else {
      try writeAll()
    }
    if format == .document { console.output.line("]}") }
  }

  private func begin() {
    switch format {
    case .csv: console.output.line(EventCSVWriter.heading)
    case .document: console.output.buffer.writeText("{\"events\":[")
    case .rows: console.output.line(console.styled(ListedEvent.heading, .dim))
    case .cloudevents, .ndjson: break
    }
  }

  private mutating func writePositions(of subject: Identifier) throws {
    var positions = try snapshot.positions(naming: subject.name)
    if isReversed { positions.reverse() }
    for position in positions where isInRange(position) {
      guard let event = try snapshot.event(at: position) else { continue }
      guard try writeIfWanted(position, event) else { return }
    }
  }

  private func isInRange(_ position: LogPosition) -> Bool {
    guard let start else { return true }
    return isReversed ? position <= start : position >= start
  }

  private mutating func writeAll() throws {
    let first = LogPosition(rawValue: 1)
    let last = snapshot.highWaterMark
    guard last >= first, let filter = query.blockFilter else { return }
    var closed: (any Error)?
    let body = { (listing: inout EventListing, position: LogPosition, event: Event) -> Bool in
      do {
        return try listing.writeIfWanted(position, event)
      } catch {
        closed = error
        return false
      }
    }
    if isReversed {
      try snapshot.forEachEventReversed(
        from: min(start ?? last, last), through: first, filter: filter
      ) { body(&self, $0, $1) }
    } else {
      try snapshot.forEachEvent(
        from: max(start ?? first, first), through: last, filter: filter
      ) { body(&self, $0, $1) }
    }
    if let closed { throw closed }
  }

  /// Writes the event when it is wanted.
  ///
  /// - Returns: Whether to go on.
  private mutating func writeIfWanted(_ position: LogPosition, _ stored: Event) throws -> Bool {
    guard count < countMax else { return false }
    let event = try rules.reading(stored, at: position.rawValue)
    guard query.matches(event) else { return true }
    if !includesCopies, try rules.isTold(stored, at: position.rawValue) { return true }
    count += 1
    write(ListedEvent(position: position, event: event))
    try console.output.flushIfFull()
    return count < countMax
  }

  private mutating func write(_ listed: ListedEvent) {
    let output = console.output
    switch format {
    case .cloudevents:
      output.buffer.write(cloudEvents.encode(listed.event))
    case .ndjson: json.write(listed, to: &output.buffer)
    case .csv: csv.write(listed, to: &output.buffer)
    case .rows: output.buffer.bytes.append(contentsOf: listed.row.utf8)
    case .document:
      if count > 1 { output.buffer.write(UInt8(ascii: ",")) }
      return json.write(listed, to: &output.buffer)
    }
    output.buffer.write(UInt8(ascii: "\n"))
  }
}
