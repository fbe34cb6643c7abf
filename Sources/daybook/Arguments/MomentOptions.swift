internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// From which moment a reading command answers.
struct MomentOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What this replica knew at a time, or up to a position of its log.", valueName: "T|POSITION"))
  var asOf: AsOf?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What was true at a time, as known now.", valueName: "T"))
  var effectiveAt: TimeArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only events recorded by then, by their origins' clocks.", valueName: "T"))
  var recordedUntil: TimeArgument?

  /// A time or a position.
  enum AsOf: ExpressibleByArgument {
    case time(TimeArgument)
    case position(UInt64)

    init?(argument: String) {
      if let position = UInt64(argument) {
        self = .position(position)
      } else if let time = TimeArgument(argument: argument) {
        self = .time(time)
      } else {
        return nil
      }
    }
  }

  /// The moment the options mean.
  ///
  /// - Parameter replica: Whose positions and arrival times count.
  /// - Returns: The moment; the present when no option is given.
  /// - Throws: ``StorageError``.
  func resolve(in replica: ReplicaCore) throws -> AnswerMoment {
    var answer = AnswerMoment(nowMilliseconds: wallClockMilliseconds())
    switch asOf {
    case .position(let position):
      answer.moment.lastPosition = position
      answer.text = "position \(position)"
    case .time(let time):
      answer.moment.lastPosition = try replica.snapshot().lastPosition(
        receivedBy: time.milliseconds)
      answer.nowMilliseconds = time.milliseconds
    case nil: break
    }
    answer.moment.recordedUntilMilliseconds = recordedUntil?.milliseconds
    answer.moment.effectiveUntilMilliseconds = effectiveAt?.milliseconds
    if let time = effectiveAt ?? recordedUntil, asOf == nil {
      answer.nowMilliseconds = time.milliseconds
    }
    return answer
  }
}

/// The moment of an answer, and how the answer tells it.
struct AnswerMoment {
  /// The moment.
  var moment = Moment.now
  /// What ages count up to, in milliseconds since 1970.
  var nowMilliseconds: Int64
  /// The moment in words, when it is no time.
  var text: String?

  /// The moment as `as_of` shows it.
  var asOf: String { text ?? CivilTime.text(milliseconds: nowMilliseconds) }
}

extension LogSnapshot {
  /// The last position that this replica held at a time; 0 when it held nothing.
  ///
  /// - Parameter milliseconds: The time, in milliseconds since 1970.
  /// - Returns: The position, found by halving, since arrival times ascend with positions.
  /// - Throws: ``StorageError``.
  func lastPosition(receivedBy milliseconds: Int64) throws -> UInt64 {
    var low: UInt64 = 0
    var high = highWaterMark.rawValue
    while low < high {
      let middle = low + (high - low + 1) / 2
      let position = lastHeld(through: LogPosition(rawValue: middle))
      let received = try received(at: position) ?? event(at: position)?.recorded
      if position.rawValue > low, let received, received.milliseconds > milliseconds {
        high = position.rawValue - 1
      } else {
        low = middle
      }
    }
    return low
  }
}
