internal import Foundation

/// Hands values from one thread to another and holds back whoever is ahead.
///
/// A class because two threads share it. The proof of `@unchecked`: every access to the stored
/// properties holds `condition`.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private let depth: Int
  private var elements: [Element] = []
  private var isClosed = false

  /// A queue that holds at most `depth` values.
  init(depth: Int) { self.depth = depth }

  /// Adds a value, waiting for room; returns false if nobody will take it.
  func push(_ element: Element) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while elements.count >= depth, !isClosed { condition.wait() }
    guard !isClosed else { return false }
    elements.append(element)
    condition.broadcast()
    return true
  }

  /// What was to be had.
  enum Popped {
    case element(Element)
    /// Nothing came in time.
    case nothingYet
    /// The queue is closed and empty.
    case end
  }

  /// Takes the oldest value, waiting up to `seconds` for one.
  func pop(within seconds: Double) -> Popped {
    condition.lock()
    defer { condition.unlock() }
    let deadline = Date(timeIntervalSinceNow: seconds)
    while elements.isEmpty, !isClosed {
      guard condition.wait(until: deadline) else { return .nothingYet }
    }
    guard !elements.isEmpty else { return .end }
    condition.broadcast()
    return .element(elements.removeFirst())
  }

  /// Lets nothing more in.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }
}
