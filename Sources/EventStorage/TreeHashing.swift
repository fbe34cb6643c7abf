internal import BinaryCoding
internal import Dispatch
internal import EventModel
internal import Synchronization

/// Hashes sealed events into their origins' trees on another thread, while the sealing thread
/// compresses: the two cost about the same.
///
/// Records cross over, not events: what a thread allocates it frees, and neither waits for the
/// other's heap.
///
/// A class because both threads share it. It computes and touches no file, and the trees depend on
/// the order of ``add(_:)`` alone, so sealing stays a function of its input.
final class TreeHashing: Sendable {
  /// How many bytes of records to hand over at a time.
  static let pieceByteCount = 256 << 10

  private let queue = DispatchQueue(label: "daybook.trees")
  private let trees: Mutex<OriginTrees>
  private let book: BookID

  init(_ trees: OriginTrees, book: BookID) {
    self.trees = Mutex(trees)
    self.book = book
  }

  /// Adds events behind those added before; returns at once.
  ///
  /// - Parameter records: Whole records, each behind its length, that have been decoded before. A
  ///   tree that lacked one would end there, and be extended from the log when it is asked for.
  func add(_ records: [UInt8]) {
    queue.async { [self] in
      trees.withLock { trees in
        var reader = ByteReader(records.span)
        while let range = try? reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax) {
          try? trees.add(record: records.span.extracting(range), book: book)
        }
      }
    }
  }

  /// Waits for all events added, and returns the trees.
  func finish() -> OriginTrees {
    queue.sync {}
    return trees.withLock { $0 }
  }
}
