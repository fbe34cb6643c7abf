package import ChannelAdapters
package import EventModel
internal import Foundation
internal import InteractionLog
internal import Synchronization

/// Reads inputs on a thread of its own and hands over what becomes of their messages, so that
/// parsing and appending keep two cores busy.
///
/// ```
///  file ─▶ decompress ─▶ lines or rows ─▶ adapt ─▶ queue of batches ─▶ consumer: append, dead letters
///  └──────────────── thread of the reader ───────┘                     └── thread of the caller ──┘
/// ```
///
/// Consumed batches go back to the reader, which frees them: memory freed by another thread than
/// allocated it makes both wait for the heap (a tenth of an import's time, by `perf`).
///
/// The order of the input is kept. Memory is bounded by the queue: a few batches of at most
/// ``batchCountMax`` drafts. What comes from a pipe bit by bit is handed over as it comes.
package struct ImportPipeline: Sendable {
  /// The most drafts of a batch.
  package static let batchCountMax = 4_096

  /// The most bytes of messages that go into a batch.
  static let batchByteCountMax = 4 << 20

  private static let queueDepth = 6

  /// The form of the messages.
  package let format: ImportFormat

  /// Source and channel of messages that do not say theirs.
  package let context: AdapterContext

  /// The time that dead letters get, in milliseconds since 1970.
  package let wallMilliseconds: Int64

  /// The event types with their facts.
  package let catalogue: EventCatalogue

  /// Prepares an import.
  ///
  /// - Parameters:
  ///   - format: The form of the messages.
  ///   - context: Source and channel of messages that do not say theirs.
  ///   - wallMilliseconds: The time that dead letters get.
  ///   - catalogue: The event types with their facts.
  package init(
    format: ImportFormat, context: AdapterContext, wallMilliseconds: Int64,
    catalogue: EventCatalogue = .builtIn
  ) {
    self.catalogue = catalogue
    self.format = format
    self.context = context
    self.wallMilliseconds = wallMilliseconds
  }

  /// Reads `paths` one after the other.
  ///
  /// A fault of an input, such as a truncated file, is thrown after everything before it has been
  /// handed over; inputs after it are not read. An error of `consume` ends the import at once.
  ///
  /// - Parameters:
  ///   - paths: Files; `-` is standard input.
  ///   - consume: Gets the batches in order, on the caller's thread.
  ///   - pause: Is called on the same thread when nothing has come for a moment, as from a pipe whose
  ///     writer waits; again and again until something comes.
  /// - Throws: ``InputFault``, ``MappingFault``, `CSVFault` of a header, or what `consume` and `pause`
  ///   throw.
  package func run(
    paths: [String], consume: (ImportBatch) throws -> Void, pause: () throws -> Void = {}
  ) throws {
    let queue = BoundedQueue<Delivery>(depth: Self.queueDepth)
    let consumed = ConsumedBatches()
    // However this ends, the reader finds the queue closed and stops.
    defer { queue.close() }
    let thread = Thread { [self] in
      read(paths, into: queue, consumed)
      queue.close()
    }
    // Room for nested JSON of any depth that is accepted.
    thread.stackSize = 4 << 20
    thread.start()
    while true {
      switch queue.pop(within: Self.pauseSeconds) {
      case .element(.batch(let batch)):
        try consume(batch)
        consumed.add(batch)
      case .element(.failed(let error)): throw error
      case .nothingYet: try pause()
      case .end: return
      }
    }
  }

  private static let pauseSeconds = 0.2

  private enum Delivery: Sendable {
    case batch(ImportBatch)
    case failed(any Error)
  }

  private func read(
    _ paths: [String], into queue: BoundedQueue<Delivery>, _ consumed: ConsumedBatches
  ) {
    do {
      for (index, path) in paths.enumerated() {
        let input = try ImportInput.open(path)
        var reader = InputReader(
          input: input, inputIndex: index, fileName: Self.fileName(path), pipeline: self,
          deliver: {
            consumed.free()
            return queue.push(.batch($0))
          })
        try reader.read()
      }
    } catch is Cancelled {
      return
    } catch {
      _ = queue.push(.failed(error))
    }
  }

  private static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// The consumer takes no more.
struct Cancelled: Error {}

/// Batches on their way back to the thread that made them.
///
/// A class because two threads share it.
private final class ConsumedBatches: Sendable {
  private let batches = Mutex<[ImportBatch]>([])

  /// Keeps a batch until the reader frees it.
  func add(_ batch: ImportBatch) { batches.withLock { $0.append(batch) } }

  /// Frees what has come back.
  func free() {
    let freed = batches.withLock { batches in
      let returned = batches
      batches = []
      return returned
    }
    _ = consume freed
  }
}
