/// What the latest sendings of one device tell of its clock.
///
/// A sending shows `offset = received − sent`: how far the device's clock is behind the collector's,
/// plus how long the message travelled. Travel is never negative, so no sending shows less than the
/// true offset, and the smallest of several is nearest to it. Hence:
///
/// - An offset within ``toleranceMilliseconds`` of zero shows a clock that is right. Nothing is
///   corrected, and what was known of the clock before is forgotten.
/// - An offset below zero cannot be travel: the clock is ahead, and at once corrected.
/// - An offset above zero is travel or a clock that is behind. It counts as the clock's only if
///   ``agreeingCountMin`` sendings agree about it within the tolerance, the first and last of them
///   sent ``agreeingSpanMilliseconds`` apart: then the two clocks run alike. Queues that are flushed,
///   replayed archives and frozen clocks do not look so.
/// - Only the last ``sendingCountMax`` sendings count, so that a clock that is set is followed. One
///   that shows ``travelMillisecondsMax`` more than another was sent by a clock set since.
///
/// Source: the filter of minimal delay of RFC 5905 §10, with one direction of travel only.
struct DeviceClock: Sendable {
  /// Offsets up to this are travel and queueing, not a clock: one minute.
  static let toleranceMilliseconds: Int64 = 60_000
  /// How many of the latest sendings count.
  static let sendingCountMax = 8
  /// How many sendings must agree that a clock is behind.
  static let agreeingCountMin = 3
  /// How far apart the first and the last of these must be: five minutes.
  static let agreeingSpanMilliseconds: Int64 = 300_000
  /// The longest travel between sending and receiving that is believed: seven days.
  static let travelMillisecondsMax: Int64 = 7 * 86_400_000

  private struct Sending: Equatable {
    let sent: Int64
    let offset: Int64
  }

  private var sendings: [Sending] = []

  /// How far the clock is behind: 0 if it is right, nil if what is known does not tell.
  var offset: Int64? {
    guard let least = sendings.map(\.offset).min() else { return nil }
    if abs(least) <= Self.toleranceMilliseconds { return 0 }
    return least < 0 || isAgreed(least) ? least : nil
  }

  /// Whether enough sendings, over a long enough time, show this offset.
  private func isAgreed(_ least: Int64) -> Bool {
    let agreeing = sendings.filter { $0.offset - least <= Self.toleranceMilliseconds }.map(\.sent)
    guard agreeing.count >= Self.agreeingCountMin, let first = agreeing.min(),
      let last = agreeing.max()
    else { return false }
    return last - first >= Self.agreeingSpanMilliseconds
  }

  /// Learns from one sending.
  ///
  /// Messages of one batch share their sending, which counts once.
  ///
  /// - Parameters:
  ///   - sent: The device's clock, in milliseconds of the years 0001 to 9999.
  ///   - received: The collector's clock, likewise.
  mutating func observe(sent: Int64, received: Int64) {
    let sending = Sending(sent: sent, offset: received - sent)
    if abs(sending.offset) <= Self.toleranceMilliseconds {
      sendings.removeAll(keepingCapacity: true)
    }
    guard !sendings.contains(sending) else { return }
    sendings.removeAll { sending.offset - $0.offset > Self.travelMillisecondsMax }
    if sendings.count == Self.sendingCountMax { sendings.removeFirst() }
    sendings.append(sending)
  }
}
