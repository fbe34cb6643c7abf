internal import DurableFiles
package import EventModel
package import EventStorage
internal import HybridTime

/// What a store holds and where its bytes go.
package struct ReplicaStatistics: Equatable, Sendable {
  /// What the log says.
  package let log: LogStatistics
  /// How many origins have written.
  package let originCount: Int
  /// Bytes of the read models.
  package let viewsByteCount: UInt64
  /// Sections that are erased or redacted and on the disk still.
  package let pendingSectionCount: Int

  /// Interactions: events without control events, repeats from elsewhere counted once.
  package var interactionCount: Int { log.events - log.controlEvents - log.copies }

  private var segmentByteCount: UInt64 {
    log.bytes.ids + log.bytes.content + log.bytes.indexes + log.bytes.proofs
  }

  /// Bytes of segments for each event, two decimals; 0 when nothing is sealed.
  private var bytesPerEvent: Value {
    guard log.events > 0 else { return .integer(0) }
    let hundredths = segmentByteCount * 100 / UInt64(log.events)
    return Decimal64(coefficient: Int64(clamping: hundredths), scale: 2).map { .decimal($0) }
      ?? .null
  }

  /// The statistics as the command prints them.
  package var value: Value {
    .object([
      .init("events", .integer(Int64(interactionCount))),
      .init("control_events", .integer(Int64(log.controlEvents))),
      .init("conflicts", .integer(Int64(log.conflicts))),
      .init("origins", .integer(Int64(originCount))),
      .init("pending_sections", .integer(Int64(pendingSectionCount))),
      .init("segments", .integer(Int64(log.segments))),
      .init("bytes", bytes),
      .init("bytes_per_event", bytesPerEvent),
      .init("first_recorded", log.firstRecorded.map { .time($0.milliseconds) } ?? .null),
      .init("last_recorded", log.lastRecorded.map { .time($0.milliseconds) } ?? .null),
      .init("channels", channels),
    ])
  }

  private var bytes: Value {
    .object([
      .init(
        "segments",
        .object([
          .init("ids", .integer(Int64(clamping: log.bytes.ids))),
          .init("content", .integer(Int64(clamping: log.bytes.content))),
          .init("indexes", .integer(Int64(clamping: log.bytes.indexes))),
          .init("proofs", .integer(Int64(clamping: log.bytes.proofs))),
        ])),
      .init("wal", .integer(Int64(clamping: log.bytes.writeAheadLog))),
      .init("views", .integer(Int64(clamping: viewsByteCount))),
      .init("other", .integer(Int64(clamping: log.bytes.other))),
    ])
  }

  private var channels: Value {
    .object(
      log.channels.sorted { $0.key < $1.key }
        .map { .init($0.key.description, .integer(Int64($0.value))) })
  }
}

extension Value {
  fileprivate static func time(_ milliseconds: Int64) -> Value {
    .text(CivilTime.text(milliseconds: milliseconds))
  }
}

extension ReplicaCore {
  /// What the store holds and where its bytes go.
  ///
  /// - Returns: The statistics.
  /// - Throws: ``ReplicaError``.
  package func statistics() throws(ReplicaError) -> ReplicaStatistics {
    try ReplicaError.translating {
      let snapshot = snapshot()
      return ReplicaStatistics(
        log: snapshot.statistics, originCount: snapshot.held.origins.count,
        viewsByteCount: try viewsByteCount(),
        pendingSectionCount: try erasedSectionCountLeft())
    }
  }

  /// How many interactions each channel had in each month.
  ///
  /// - Returns: By month, then channel; those with any.
  /// - Throws: ``ReplicaError``.
  package func countByMonth() throws(ReplicaError) -> [(month: ChannelMonth, events: Int)] {
    try ReplicaError.translating {
      try snapshot().countByMonth().sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  private func viewsByteCount() throws -> UInt64 {
    guard case .onDisk = environment.views else { return 0 }
    var sum: UInt64 = 0
    for suffix in ["", "-wal", "-shm"] {
      let path = directory + "/views.sqlite" + suffix
      guard try environment.fileSystem.exists(path) else { continue }
      sum += try environment.fileSystem.open(path, for: .reading).byteCount()
    }
    return sum
  }
}
