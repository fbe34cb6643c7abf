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

  /// Takes the oldest value, waiting for one; nil when the queue is closed and empty.
  func pop() -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while elements.isEmpty, !isClosed { condition.wait() }
    guard !elements.isEmpty else { return nil }
    condition.broadcast()
    return elements.removeFirst()
  }

  /// Lets nothing more in.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }
}
