internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// Events on their way into the log: one frame, which will be in it whole or not at all.
struct PendingBatch {
  /// The position of the first event.
  let firstPosition: UInt64
  let received: HybridTimestamp
  let isForeign: Bool
  private(set) var events: [Event] = []
  private(set) var keys: [UInt64] = []
  private(set) var echoes: [EchoRow] = []
  /// Where each record lies in the payload.
  private(set) var records: [Range<Int>] = []
  /// The frame: room for its header, then the payload.
  private var frame: ByteWriter
  private var recordRoom = ByteWriter()
  /// The batch's events as runs of their origins; rows count from the batch's first event.
  private(set) var runs: [OriginRun] = []
  /// Salts that come with the batch.
  private(set) var salts: [WindowSalts] = []
  /// Heads that come with the batch.
  private(set) var heads: [OriginHead] = []
  /// Members of key groups that this batch adds, by the group's first position.
  private(set) var members: [UInt64: [EchoIndex.Member]] = [:]

  /// Starts a batch of own events, or of events from elsewhere with the time they came.
  ///
  /// - Parameter room: Whose memory is used for the frame.
  init(firstPosition: UInt64, received: HybridTimestamp?, room: consuming ByteWriter) {
    self.firstPosition = firstPosition
    self.received = received ?? HybridTimestamp(rawValue: 0)
    isForeign = received != nil
    var room = consume room
    room.removeAll()
    for _ in 0..<(FrameHeader.byteCount / 8) { room.write(UInt64(0)) }
    room.write(self.received.rawValue)
    frame = room
  }

  /// The position that the next event gets.
  var nextPosition: UInt64 { firstPosition + UInt64(events.count) }

  /// Adds an event and returns how long its record is.
  mutating func add(_ event: Event, key: UInt64, repetition: KeyRepetition?) -> Int {
    if let repetition {
      let position = nextPosition
      let echo = repetition.echo(at: position, of: event)
      echoes.append(EchoRow(row: events.count, echo: echo))
      members[repetition.root, default: []].append(
        EchoIndex.Member(
          position: position, contentClass: repetition.contentClass,
          contentChecksum: echo.contentChecksum, isFirstOfClass: !echo.isSameContent))
    }
    let written = FramePayload.write(
      event, echoes.last(ifAtRow: events.count), to: &frame, record: &recordRoom)
    let start = written.lowerBound - FrameHeader.byteCount
    let record = start..<(start + written.count)
    records.append(record)
    runs.extend(with: event.dot, row: events.count)
    events.append(event)
    keys.append(key)
    return record.count
  }

  /// Ends the payload with the salts that the log lacks for the batch's events, and the heads that
  /// prove them.
  mutating func finish(salts: [WindowSalts], heads: [OriginHead] = []) {
    self.salts = salts
    self.heads = heads
    frame.writeVarint(UInt64(salts.count))
    for window in salts { window.write(to: &frame) }
    frame.writeVarint(UInt64(heads.count))
    for head in heads { head.write(to: &frame) }
  }

  /// How long the frame's payload is so far.
  var payloadByteCount: Int { frame.count - FrameHeader.byteCount }

  /// Gives the frame away: room for its header, then the payload.
  mutating func takeFrame() -> ByteWriter {
    let taken = frame
    frame = ByteWriter()
    return taken
  }

  /// When the last event was recorded.
  var lastRecorded: HybridTimestamp { events.last?.recorded ?? HybridTimestamp(rawValue: 0) }

  /// The event at a position of this batch.
  func event(at position: UInt64) -> Event { events[Int(position - firstPosition)] }

  var frameHeader: FrameHeader {
    FrameHeader(
      payloadByteCount: payloadByteCount, rowCount: events.count, firstPosition: firstPosition,
      isForeign: isForeign)
  }
}

extension [EchoRow] {
  fileprivate func last(ifAtRow row: Int) -> Echo? {
    guard let last, last.row == row else { return nil }
    return last.echo
  }
}

/// How an event's idempotency key occurred before.
struct KeyRepetition {
  /// The first event with the key.
  let root: UInt64
  /// The first event with the same content, if there is one.
  let same: UInt64?
  /// The number of its content among the group's.
  let contentClass: Int

  func echo(at position: UInt64, of event: Event) -> Echo {
    Echo(
      distance: position - (same ?? root), isSameContent: same != nil,
      contentChecksum: event.draft.sourceContentChecksum)
  }
}
