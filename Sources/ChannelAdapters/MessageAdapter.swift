public import EventModel

/// Turns one source's raw messages into events on their way in.
///
/// Adapters are pure: no clock, no files, nothing remembered of a message but caches and how wrong
/// its device's clock was. One message
/// may make several drafts or none; a message that is refused leaves `drafts` as it was and does
/// not harm those after it.
public protocol MessageAdapter: Sendable {
  /// Adapts one message.
  ///
  /// - Parameters:
  ///   - message: The bytes as they were sent.
  ///   - context: What is said about all messages of the import.
  ///   - drafts: Where the drafts go.
  /// - Throws: ``AdapterRefusal``.
  mutating func adapt(
    _ message: Span<UInt8>, context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal)
}

/// What is said about all messages of one file or stream.
public struct AdapterContext: Sendable {
  /// The name of the source system; nil to take what the message says.
  public var source: String?

  /// The channel of messages that do not say theirs.
  public var channel: Channel?

  /// When the messages are being received, in milliseconds since 1970, if they come straight from
  /// their devices; nil, as for files, to take what they say themselves.
  public var receivedMilliseconds: Int64?

  /// How often each row without an id has occurred, by its fingerprint's key.
  private var occurrences: [UInt64: Int] = [:]

  /// How many values were not taken as facts because they look like a person's, by field.
  ///
  /// Bounded by the facts that the catalogue declares.
  package private(set) var keptBack: [KeptBackFact: Int] = [:]

  /// Starts the context of a file; equal rows are counted from its start.
  ///
  /// - Parameters:
  ///   - source: The name of the source system; nil to take what the message says.
  ///   - channel: The channel of messages that do not say theirs.
  ///   - receivedMilliseconds: When messages that do not say it are received, in milliseconds since
  ///     1970; nil if that is not known.
  public init(
    source: String? = nil, channel: Channel? = nil, receivedMilliseconds: Int64? = nil
  ) {
    self.source = source
    self.channel = channel
    self.receivedMilliseconds = receivedMilliseconds
  }

  /// Takes ``keptBack`` and counts from zero again.
  package mutating func takeKeptBack() -> [KeptBackFact: Int] {
    defer { keptBack = [:] }
    return keptBack
  }

  /// Counts one more value that was kept back.
  mutating func countKeptBack(_ fact: KeptBackFact) { keptBack[fact, default: 0] += 1 }

  /// Counts one more row of this content and returns how many there have been.
  mutating func countOccurrence(of row: RowFingerprint) -> Int {
    let count = occurrences[row.indexKey, default: 0] + 1
    occurrences[row.indexKey] = count
    return count
  }
}
