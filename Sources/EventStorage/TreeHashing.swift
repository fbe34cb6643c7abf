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
  private let state: Mutex<(trees: OriginTrees, cursor: SaltCursor)>
  private let book: BookID

  init(_ trees: OriginTrees, salts: SaltTable, book: BookID) {
    state = Mutex((trees, SaltCursor(salts)))
    self.book = book
  }

  /// Adds events behind those added before; returns at once.
  ///
  /// - Parameter records: Whole records, each behind its length, that have been decoded before. A
  ///   tree that lacked one would end there, and be extended from the log when it is asked for.
  func add(_ records: [UInt8]) {
    queue.async { [self] in
      state.withLock { state in
        var reader = ByteReader(records.span)
        while let range = try? reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax) {
          let record = records.span.extracting(range)
          try? state.trees.add(record: record, book: book) { state.cursor.salts(of: $0) }
        }
      }
    }
  }

  /// Waits for all events added, and returns the trees.
  func finish() -> OriginTrees {
    queue.sync {}
    return state.withLock { $0.trees }
  }
}
