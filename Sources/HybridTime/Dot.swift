/// The name of an event: its origin and its place in that origin's gapless count, from 1.
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Who appended the event.
  public let origin: OriginID
  /// The origin's count, from 1 and without gaps.
  public let sequence: UInt64

  /// Names the event `sequence` of `origin`.
  public init(origin: OriginID, sequence: UInt64) {
    self.origin = origin
    self.sequence = sequence
  }

  /// `ORIGIN/SEQUENCE`.
  public var description: String { "\(origin)/\(sequence)" }

  /// By origin in byte order, then by sequence.
  public static func < (left: Dot, right: Dot) -> Bool {
    left.origin != right.origin ? left.origin < right.origin : left.sequence < right.sequence
  }
}
