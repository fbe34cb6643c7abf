internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// Events on their way into the log: one frame, which will be in it whole or not at all.
///
/// The events themselves are not kept: what a batch holds of them are their records and index.
struct PendingBatch {
  /// The position of the first event.
  let firstPosition: UInt64
  let received: HybridTimestamp
  let isForeign: Bool
  /// The index of the events; rows count from the batch's first, offsets from the frame's start.
  private(set) var columns = LogTail.Columns()
  /// These events in numbers.
  private(set) var statistics = LogStatistics()
  /// The frame: room for its header, then the payload.
  private var frame: ByteWriter
  private var recordRoom = ByteWriter()
  /// Salts that come with the batch.
  private(set) var salts: [WindowSalts] = []
  /// Heads that come with the batch.
  private(set) var heads: [OriginHead] = []
  /// Members of key groups that this batch adds, by the group's first position.
  private(set) var members: [UInt64: [EchoIndex.Member]] = [:]

  /// Starts a batch of own events, or of events from elsewhere with the time they came.
  ///
  /// - Parameters:
  ///   - firstPosition: The position of its first event.
  ///   - received: When events from elsewhere came; nothing for own ones.
  ///   - room: Whose memory is used for the frame.
  init(firstPosition: UInt64, received: HybridTimestamp?, room: consuming ByteWriter) {
    self.firstPosition = firstPosition
    self.received = received ?? HybridTimestamp(rawValue: 0)
    isForeign = received != nil
    columns.clock = self.received
    var room = consume room
    room.removeAll()
    for _ in 0..<(FrameHeader.byteCount / 8) { room.write(UInt64(0)) }
    room.write(self.received.rawValue)
    frame = room
  }

  /// How many events there are.
  var count: Int { columns.rowCount }

  /// The position that the next event gets.
  var nextPosition: UInt64 { firstPosition + UInt64(count) }

  /// Adds an event and returns how long its record is.
  mutating func add(_ event: Event, _ keys: EventKeys, repetition: KeyRepetition?) -> Int {
    let echo = repetition?.echo(at: nextPosition, of: event)
    if let repetition, let echo {
      columns.echoes.append(EchoRow(row: count, echo: echo))
      members[repetition.root, default: []].append(
        EchoIndex.Member(
          position: nextPosition, contentClass: repetition.contentClass,
          contentChecksum: echo.contentChecksum, isFirstOfClass: !echo.isSameContent))
    }
    let record = FramePayload.write(event, echo, to: &frame, record: &recordRoom)
    columns.add(event.dot, keys, at: UInt64(record.lowerBound), count: record.count)
    if !isForeign { columns.clock = event.recorded }
    statistics.count(event, echo)
    return record.count
  }

  /// Ends the payload with the salts that the log lacks for the batch's events, and the heads that
  /// prove them.
  mutating func finish(salts: [WindowSalts], heads: [OriginHead] = []) {
    self.salts = salts
    self.heads = heads
    if isForeign {
      columns.received = [ReceivedRun(firstRow: 0, rowCount: count, time: received)]
    }
    frame.writeVarint(UInt64(salts.count))
    for window in salts { window.write(to: &frame) }
    frame.writeVarint(UInt64(heads.count))
    for head in heads { head.write(to: &frame) }
  }

  /// How long the frame's payload is so far.
  var payloadByteCount: Int { frame.count - FrameHeader.byteCount }

  /// The frame so far, header room and all.
  var frameBytes: [UInt8] { frame.bytes }

  /// Gives the frame away: room for its header, then the payload.
  mutating func takeFrame() -> ByteWriter {
    let taken = frame
    frame = ByteWriter()
    return taken
  }

  /// The event at a position of this batch.
  func event(at position: UInt64) throws(StorageError) -> Event {
    try columns.event(atRow: Int(position - firstPosition), of: frame.bytes)
  }

  /// The frame's beginning.
  var frameHeader: FrameHeader {
    FrameHeader(
      payloadByteCount: payloadByteCount, rowCount: count, firstPosition: firstPosition,
      isForeign: isForeign)
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
