internal import BinaryCoding
internal import Dispatch
internal import DurableFiles
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

  private let work = Mutex(Work())
  /// Counts the pieces that are waiting, and the end.
  private let waiting = DispatchSemaphore(value: 0)
  private let group = DispatchGroup()
  private let result: Mutex<OriginTrees>

  private struct Work {
    var pieces: [[UInt8]] = []
    var isEnded = false
  }

  /// Starts the thread; ``end()`` ends it.
  init(_ trees: OriginTrees, salts: SaltTable, book: BookID) {
    result = Mutex(trees)
    group.enter()
    BackgroundThread.start { [self] in
      hash(salts, book)
      group.leave()
    }
  }

  private func hash(_ salts: SaltTable, _ book: BookID) {
    var trees = result.withLock { $0 }
    var hasher = RecordHasher(book: book)
    var cursor = SaltCursor(salts)
    while let piece = nextPiece() {
      var reader = ByteReader(piece.span)
      while let range = try? reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax) {
        let record = piece.span.extracting(range)
        try? trees.add(record: record, hasher: &hasher) { cursor.salts(of: $0) }
      }
    }
    result.withLock { $0 = trees }
  }

  private func nextPiece() -> [UInt8]? {
    waiting.wait()
    return work.withLock { $0.pieces.isEmpty ? nil : $0.pieces.removeFirst() }
  }

  /// Adds events behind those added before; returns at once.
  ///
  /// - Parameter records: Whole records, each behind its length, that have been decoded before. A
  ///   tree that lacked one would end there, and be extended from the log when it is asked for.
  func add(_ records: [UInt8]) {
    work.withLock { $0.pieces.append(records) }
    waiting.signal()
  }

  /// Says that no more events come; once is enough.
  func end() {
    let isFirst = work.withLock { work in
      defer { work.isEnded = true }
      return !work.isEnded
    }
    if isFirst { waiting.signal() }
  }

  /// Waits for all events added, and returns the trees.
  func finish() -> OriginTrees {
    end()
    group.wait()
    return result.withLock { $0 }
  }
}
