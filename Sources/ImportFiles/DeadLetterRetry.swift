internal import ChannelAdapters
package import EventModel
package import InteractionLog

/// Reads dead letters again, after the source, the mapping or Daybook was mended.
///
/// Letters are tried in order. Equal rows without ids of one file keep their count over all
/// letters of a retry, so give the letters of a file together.
package struct DeadLetterRetry {
  /// What a letter came to.
  package enum Result: Sendable {
    /// The events to append.
    case accepted([EventDraft])
    /// It is refused again: reason and remedy.
    case refused(reason: String, remedy: String)
  }

  private let format: ImportFormat
  private var contexts: [String: AdapterContext] = [:]
  private var segment = SegmentAdapter()
  private var cloudEvents = CloudEventsAdapter()
  private var mapped: MappingAdapter?

  /// Prepares a retry of letters of one format.
  ///
  /// - Parameter format: The form of the letters, with the mapping to follow.
  package init(format: ImportFormat) {
    self.format = format
    switch format {
    case .csv(let mapping), .ndjson(let mapping): mapped = MappingAdapter(mapping)
    case .segment, .cloudEvents: mapped = nil
    }
  }

  /// Reads one letter.
  ///
  /// - Parameter letter: A letter of the format.
  /// - Returns: The events it makes now, or why it makes none.
  package mutating func read(_ letter: DeadLetter) -> Result {
    guard letter.isWhole, letter.format == format.name else {
      return .refused(
        reason: letter.isWhole
          ? "the letter is of the format \(letter.format)" : "the message is not kept whole",
        remedy: letter.isWhole ? "name its format" : "import it from its file again")
    }
    var context =
      contexts[letter.file]
      ?? AdapterContext(
        source: letter.source.isEmpty ? nil : letter.source, channel: Channel(name: letter.channel))
    defer { contexts[letter.file] = context }
    var drafts: [EventDraft] = []
    do throws(AdapterRefusal) {
      try adapt(letter.raw, &context, into: &drafts)
    } catch {
      return .refused(reason: error.reason, remedy: error.remedy)
    }
    return .accepted(drafts)
  }

  private mutating func adapt(
    _ raw: [UInt8], _ context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    switch format {
    case .segment: try segment.adapt(raw.span, context: &context, into: &drafts)
    case .cloudEvents: try cloudEvents.adapt(raw.span, context: &context, into: &drafts)
    case .ndjson: try mapped?.adapt(raw.span, context: &context, into: &drafts)
    case .csv: try adaptTable(raw, &context, into: &drafts)
    }
  }

  /// Reads a header and the row below it, always separated by commas.
  private mutating func adaptTable(
    _ raw: [UInt8], _ context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    var columns = CSVColumns([])
    for item in try items(of: raw) {
      switch item {
      case .header(let names): columns = CSVColumns(names)
      case .row(let row):
        try mapped?.adapt(row, columns: columns, context: &context, into: &drafts)
      case .refused(let fault, _): throw AdapterRefusal(fault)
      }
    }
  }

  private func items(of raw: [UInt8]) throws(AdapterRefusal) -> [CSVReader.Item] {
    var reader = CSVReader()
    do throws(CSVFault) {
      let items = try reader.read(raw.span)
      return items + (try reader.finish())
    } catch {
      throw AdapterRefusal(error)
    }
  }
}
