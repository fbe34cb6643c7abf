/// The clocks of the devices that an adapter has heard of, and what their messages' times really
/// were.
///
/// Remembers at most ``deviceCountMax`` devices, those heard of lately; which they are never matters
/// to what a source sent, only to how well its times are corrected.
package struct DeviceClocks: Sendable {
  /// The most devices that are remembered.
  package static let deviceCountMax = 65_536

  /// The longest time between an event and its sending for which both clocks are believed to be one:
  /// thirty days.
  package static let queueMillisecondsMax: Int64 = 30 * 86_400_000

  /// Devices heard of since the table was last half full; those before that are in ``earlier``.
  private var recent: [UInt64: DeviceClock] = [:]
  private var earlier: [UInt64: DeviceClock] = [:]

  /// Knows no device.
  package init() {}

  /// How many devices are remembered.
  package var deviceCount: Int { recent.count + earlier.count }

  /// The times of one message, in milliseconds since 1970.
  package struct MessageTimes: Equatable, Sendable {
    /// When it happened by the device's clock.
    package var device: Int64
    /// When it happened as the source states it: the device's time unless a collector corrected it.
    package var stated: Int64
    /// When it was sent, by the device's clock.
    package var sent: Int64
    /// When it was received, by the collector's clock.
    package var received: Int64

    /// Joins the times.
    ///
    /// - Parameters:
    ///   - stated: When it happened as the source states it.
    ///   - original: The device's own time, if the message has one beside what it states.
    ///   - sent: When it was sent, by the device's clock.
    ///   - received: When it was received, by the collector's clock.
    package init(stated: Int64, original: Int64? = nil, sent: Int64, received: Int64) {
      self.stated = stated
      self.sent = sent
      self.received = received
      device = original ?? stated
    }

    fileprivate var areWithinRange: Bool {
      let range = WrittenTime.millisecondsRange
      return range.contains(device) && range.contains(stated) && range.contains(sent)
        && range.contains(received)
    }

    /// Whether what is stated is the device's time, or that time as a collector corrected it by
    /// received − (sent − device), give or take a millisecond; else somebody knew better.
    fileprivate var isFromDevice: Bool {
      stated == device || abs((received - sent) - (stated - device)) <= 1
    }
  }

  /// Learns from a message and says what to add to the time it states.
  ///
  /// The correction is the device's offset as ``DeviceClock`` knows it, applied to the device's own
  /// time, and nothing if that comes within a minute of what is stated.
  ///
  /// Messages whose times do not fit together teach nothing and are left as they are: an event more
  /// than a minute after its sending or thirty days before it, or a stated time that is neither the
  /// device's nor the usual correction of it.
  ///
  /// - Parameters:
  ///   - times: The times of the message; each within the years 0001 to 9999.
  ///   - device: A fingerprint of the device's name.
  /// - Returns: Milliseconds; 0 for no correction.
  package mutating func correction(of times: MessageTimes, device: UInt64) -> Int64 {
    guard times.areWithinRange else { return 0 }
    // An event after its sending, or long before it: the two were not told by one clock.
    let queued = times.sent - times.device
    let isOneClock =
      -DeviceClock.toleranceMilliseconds...Self.queueMillisecondsMax ~= queued
    guard isOneClock, times.isFromDevice else { return 0 }
    guard let offset = learn(times, device) else { return 0 }
    let corrected = times.device + offset
    let added = corrected - times.stated
    guard abs(added) > DeviceClock.toleranceMilliseconds,
      WrittenTime.millisecondsRange.contains(corrected)
    else { return 0 }
    return added
  }

  /// Adds a sending to what is known of a device, and returns the offset of its clock.
  private mutating func learn(_ times: MessageTimes, _ device: UInt64) -> Int64? {
    if recent[device] == nil {
      if recent.count >= Self.deviceCountMax / 2 {
        earlier = recent
        recent = [:]
      }
      recent[device] = earlier.removeValue(forKey: device) ?? DeviceClock()
    }
    recent[device]?.observe(sent: times.sent, received: times.received)
    return recent[device]?.offset
  }
}
