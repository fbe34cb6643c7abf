internal import ChannelAdapters
internal import Foundation
internal import Synchronization

/// The offsets of an IANA time zone such as `Europe/Madrid`, remembered by the quarter of an hour,
/// the finest grid on which zones change.
///
/// A class because its memory is shared by all who read times of the zone.
package final class TimeZoneOffsets: ZoneOffsets {
  private static let rememberedMax = 1 << 16

  private let zone: TimeZone
  private let remembered = Mutex<[Int64: Int]>([:])

  /// Finds a zone by its name, or nil if this system does not know it.
  package init?(named name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// How far the clocks there are east of UTC at a moment.
  package func offsetSeconds(at seconds: Int64) -> Int {
    let quarter = seconds.quotientRoundedDown(by: 900)
    return remembered.withLock { remembered in
      if let offset = remembered[quarter] { return offset }
      if remembered.count >= Self.rememberedMax { remembered.removeAll(keepingCapacity: true) }
      let offset = zone.secondsFromGMT(
        for: Date(timeIntervalSince1970: Double(quarter * 900)))
      remembered[quarter] = offset
      return offset
    }
  }
}

extension Int64 {
  fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
