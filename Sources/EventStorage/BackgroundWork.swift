internal import Dispatch
internal import DurableFiles
internal import Synchronization

/// Work on a thread of its own, whose result its owner takes.
///
/// It can keep the store locked until it ends, so that nobody opens the store while it writes.
///
/// A class because two threads share it.
final class BackgroundWork<Product: Sendable>: Sendable {
  typealias Body = @Sendable () throws(StorageError) -> Product

  private let result = Mutex<Result<Product, StorageError>?>(nil)
  private let group = DispatchGroup()

  /// What the thread holds while it works; nothing of it when ``wait()`` returns.
  private let held: Mutex<(body: Body, lock: (any FileLock)?)?>

  /// Starts at once.
  ///
  /// - Parameters:
  ///   - priority: How far its thread gives way.
  ///   - lock: Held until the work ends.
  ///   - whenDone: Called on the thread when ``isDone`` is true.
  ///   - body: The work.
  init(
    _ priority: BackgroundThread.Priority, keeping lock: (any FileLock)?,
    whenDone: (@Sendable () -> Void)? = nil, _ body: @escaping Body
  ) {
    held = Mutex((body, lock))
    group.enter()
    BackgroundThread.start(priority) { [self] in
      let outcome = Result { () throws(StorageError) in try run() }
      result.withLock { $0 = outcome }
      group.leave()
      whenDone?()
    }
  }

  private func run() throws(StorageError) -> Product {
    defer { held.withLock { $0 = nil } }
    guard let body = held.withLock({ $0?.body }) else {
      preconditionFailure("work is done once")
    }
    return try body()
  }

  /// Whether ``wait()`` returns at once.
  var isDone: Bool { result.withLock { $0 != nil } }

  /// Waits for the end.
  func wait() throws(StorageError) -> Product {
    group.wait()
    guard let result = result.withLock({ $0 }) else {
      preconditionFailure("work that ended has a result")
    }
    return try result.get()
  }
}
