internal import BinaryCoding
package import EventModel
package import HybridTime
internal import MerkleProofs

/// Salts for tests: no secret, but different for every window of every origin.
extension WindowSalts {
  /// The salts of a window of an origin; the same whenever asked.
  package static func synthetic(_ window: UInt64, of origin: OriginID) -> WindowSalts {
    var writer = ByteWriter()
    origin.write(to: &writer)
    writer.write(window)
    return WindowSalts(
      origin: origin, window: window, tree: SaltTree(seed: Digest256.hash(writer.bytes)))
  }

  /// The salts of the window that an event lies in.
  package static func synthetic(of event: Event) -> WindowSalts {
    synthetic(window(of: event.dot.sequence), of: event.dot.origin)
  }

  /// The salts of all windows that some events lie in, ascending.
  package static func synthetic(for events: [Event]) -> [WindowSalts] {
    let places = Set(
      events.map { Place(origin: $0.dot.origin, window: window(of: $0.dot.sequence)) })
    return places.sorted { ($0.origin, $0.window) < ($1.origin, $1.window) }.map {
      synthetic($0.window, of: $0.origin)
    }
  }

  private struct Place: Hashable {
    let origin: OriginID
    let window: UInt64
  }
}

extension EventSalts {
  /// The salts of one event, from the window that ``EventModel/WindowSalts/synthetic(_:of:)`` gives.
  package static func synthetic(of dot: Dot) -> EventSalts {
    let window = WindowSalts.synthetic(WindowSalts.window(of: dot.sequence), of: dot.origin)
    let index = Int((dot.sequence - 1) % UInt64(SaltTree.indexCount))
    return window.tree.leaf(index).map { .leaf($0) } ?? .none
  }
}
