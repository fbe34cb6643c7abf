internal import Dispatch
internal import EventModel
internal import Synchronization

/// Hashes sealed events into their origins' trees on another thread, while the sealing thread
/// compresses: the two cost about the same.
///
/// A class because both threads share it. It computes and touches no file, and the trees depend on
/// the order of ``add(_:)`` alone, so sealing stays a function of its input.
final class TreeHashing: Sendable {
  private let queue = DispatchQueue(label: "daybook.trees")
  private let trees: Mutex<OriginTrees>
  private let book: BookID

  init(_ trees: OriginTrees, book: BookID) {
    self.trees = Mutex(trees)
    self.book = book
  }

  /// Adds events behind those added before; returns at once.
  func add(_ events: [Event]) {
    queue.async { [self] in
      trees.withLock { trees in
        for event in events { trees.add(event, book: book) }
      }
    }
  }

  /// Waits for all events added, and returns the trees.
  func finish() -> OriginTrees {
    queue.sync {}
    return trees.withLock { $0 }
  }
}
