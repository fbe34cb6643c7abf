package import ChannelAdapters
package import EventModel
package import InteractionLog

/// What a stretch of an input came to, in order.
package struct ImportBatch: Sendable {
  /// The events to append.
  package var drafts: [EventDraft] = []
  /// The line on which the message of each draft begins, from 1.
  package var lines: [Int] = []
  /// The messages that were refused.
  package var deadLetters: [DeadLetter] = []
  /// How many values of these drafts were not taken as facts because they look like a person's.
  package var keptBack: [KeptBackFact: Int] = [:]
  /// The index in the list of inputs.
  package var inputIndex = 0
  /// How many messages or rows were read for this batch.
  package var messageCount = 0
  /// How many bytes of this input have been read, before decompression.
  package var bytesRead = 0
  /// The size of this input as it lies on disk, if it is a file.
  package var byteCount: Int?

  /// Nothing yet.
  package init() {}

  var isEmpty: Bool { messageCount == 0 && deadLetters.isEmpty }
}
