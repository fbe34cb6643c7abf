internal import BinaryCoding
internal import EventModel

/// Puts records into frames: as many as fit, a large one in fragments.
///
/// A frame is given out when the next record no longer fits, so that its maker knows whether more
/// follows.
struct RecordPacker: Sendable {
  private var records: [[UInt8]] = []
  private var byteCount = 0

  /// Adds a record and appends the frames that are full.
  mutating func add(_ record: [UInt8], to messages: inout [SyncMessage]) {
    let cost = record.count + SyncLimits.recordOverheadByteCount
    if byteCount + cost > SyncLimits.packedByteCountMax { flush(to: &messages) }
    guard cost <= SyncLimits.packedByteCountMax else {
      addFragments(of: record, to: &messages)
      return
    }
    records.append(record)
    byteCount += cost
  }

  /// Appends what waits, then the salts of a window.
  mutating func add(_ salts: WindowSalts, to messages: inout [SyncMessage]) {
    flush(to: &messages)
    var writer = ByteWriter()
    salts.write(to: &writer)
    let step = SyncLimits.fragmentByteCountMax
    for offset in stride(from: 0, to: writer.count, by: step) {
      let end = min(offset + step, writer.count)
      messages.append(
        .salts(
          SyncMessage.Salts(
            content: Array(writer.bytes[offset..<end]), hasMore: end < writer.count)))
    }
  }

  /// Appends what waits, then what proves it.
  mutating func add(_ proof: SyncMessage.Proof, to messages: inout [SyncMessage]) {
    flush(to: &messages)
    messages.append(.proof(proof))
  }

  /// Appends what waits, if anything does; more follows.
  mutating func flush(to messages: inout [SyncMessage]) {
    guard !records.isEmpty else { return }
    messages.append(.events(records: records, hasMore: true))
    records = []
    byteCount = 0
  }

  /// Appends the last frame, empty or not.
  mutating func finish(to messages: inout [SyncMessage]) {
    messages.append(.events(records: records, hasMore: false))
    records = []
    byteCount = 0
  }

  private func addFragments(of record: [UInt8], to messages: inout [SyncMessage]) {
    let step = SyncLimits.fragmentByteCountMax
    for offset in stride(from: 0, to: record.count, by: step) {
      let content = Array(record[offset..<min(offset + step, record.count)])
      messages.append(
        .fragment(
          SyncMessage.Fragment(
            recordByteCount: UInt64(record.count), offset: UInt64(offset), content: content,
            hasMore: true)))
    }
  }
}
