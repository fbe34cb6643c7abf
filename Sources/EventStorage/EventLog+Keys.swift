internal import BinaryCoding
internal import EventModel
internal import SegmentFormat

extension EventLog {
  /// Where a draft's idempotency key occurred before, in the log or in the batch, and whether with
  /// the same content. Exact: stored events are compared, not only hashes. `key` is the draft's key
  /// column value.
  func findRepetition(
    of draft: EventDraft, key: UInt64, in batch: PendingBatch
  ) throws(StorageError) -> KeyRepetition? {
    guard key != 0 else { return nil }
    let root = try keyIndex?.firstPosition(of: key, in: reader) { position throws(StorageError) in
      try event(at: position, or: batch).idempotencyKey == draft.idempotencyKey
    }
    guard let root else { return nil }
    return try compare(draft, with: try event(at: root, or: batch), at: root, batch)
  }

  /// Compares a draft with the contents of a key group: the first member's, then the first of each
  /// other content, which are read only if their checksum is the same.
  private func compare(
    _ draft: EventDraft, with first: Event, at root: UInt64, _ batch: PendingBatch
  ) throws(StorageError) -> KeyRepetition {
    if first.hasSameSourceContent(as: draft) {
      return KeyRepetition(root: root, same: root, contentClass: 0)
    }
    let members =
      echoes.members(with: root) + (building?.batch.members[root] ?? [])
      + (batch.members[root] ?? [])
    let checksum = draft.sourceContentChecksum
    for member in members where member.isFirstOfClass && member.contentChecksum == checksum {
      let stored = try event(at: member.position, or: batch)
      guard stored.hasSameSourceContent(as: draft) else { continue }
      return KeyRepetition(
        root: root, same: member.position, contentClass: member.contentClass)
    }
    let classMax = members.map(\.contentClass).max() ?? 0
    return KeyRepetition(root: root, same: nil, contentClass: classMax + 1)
  }

  /// The event at a position of the log or of a batch that follows it.
  func event(at position: UInt64, or batch: PendingBatch) throws(StorageError) -> Event {
    if position >= batch.firstPosition { return try batch.event(at: position) }
    if let building, position >= building.batch.firstPosition {
      return try building.batch.event(at: position)
    }
    return try reader.event(at: position)
  }
}

extension EventDraft {
  /// CRC32C of the source content: tells most contents apart without reading them.
  var sourceContentChecksum: UInt32 {
    var writer = ByteWriter()
    forEachSourceContentPart { part in
      writer.writeVarint(UInt64(part.count))
      writer.bytes.append(contentsOf: part)
    }
    return CRC32C.checksum(writer.bytes)
  }
}
