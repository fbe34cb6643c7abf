import ChannelAdapters
import SyntheticWorkload

/// A device whose messages travel to a collector that has the true time.
struct SimulatedDevice {
  /// What the device's clock shows at a true time.
  var clock: (Int64) -> Int64
  /// How long a sending travels, in milliseconds.
  var travel: ClosedRange<Int64>
  /// How long an event waits for its sending, in milliseconds.
  var queue: ClosedRange<Int64> = 0...0
  /// How long it is from one event to the next, in milliseconds.
  var pause: ClosedRange<Int64> = 120_000...7_200_000

  /// One message, with what only a simulation knows.
  struct Message {
    let truth: Int64
    let travel: Int64
    let times: DeviceClocks.MessageTimes

    /// How far a corrected time is after the truth.
    func error(correctedBy skew: Int64) -> Int64 { times.stated + skew - truth }
  }

  /// The messages of so many events, in the order in which they happened.
  func messages(_ count: Int, from start: Int64, using random: inout SeededGenerator) -> [Message] {
    var truth = start
    return (0..<count).map { _ in
      truth += Int64.random(in: pause, using: &random)
      let sent = truth + Int64.random(in: queue, using: &random)
      let travel = Int64.random(in: travel, using: &random)
      return Message(
        truth: truth, travel: travel,
        times: DeviceClocks.MessageTimes(
          stated: clock(truth), sent: clock(sent), received: sent + travel))
    }
  }
}
