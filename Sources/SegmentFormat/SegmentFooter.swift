package import HybridTime

/// What a block holds, so that readers can find and skip it.
package struct BlockSummary: Equatable, Sendable {
  /// Where its bytes begin in the file.
  package var offset: UInt64 = 0
  /// How many bytes it has in the file.
  package var byteCount = 0
  /// How long its content is: of a segment of columns its records, without their lengths.
  package var rawByteCount = 0
  /// How many of its bytes are the facts part; 0 in a segment of rows.
  package var factsByteCount = 0
  /// CRC32C of its bytes.
  package var checksum: UInt32 = 0
  /// The row, from 0, of its first event in the segment.
  package var firstRow = 0
  /// How many events it holds.
  package var rowCount = 0
  /// The earliest and latest time an event in it happened, in milliseconds since 1970.
  package var occurred: ClosedRange<Int64> = 0...0
  /// The earliest and latest time an event in it was recorded.
  package var recorded: ClosedRange<UInt64> = 0...0
  /// One bit for each channel that occurs, by its raw value.
  package var channels: UInt8 = 0
  /// Which of the footer's types occur, ascending.
  package var types: [Int] = []
}

/// A table of a segment of columns: what its blocks refer to.
package struct TableSummary: Equatable, Sendable {
  /// Whether it belongs to the persons part.
  package let isPersonal: Bool
  /// How many bytes it has.
  package let byteCount: Int
  /// CRC32C of its bytes.
  package let checksum: UInt32

  /// The summary of a table.
  package init(isPersonal: Bool, byteCount: Int, checksum: UInt32) {
    self.isPersonal = isPersonal
    self.byteCount = byteCount
    self.checksum = checksum
  }
}

/// Consecutive events of one origin that lie in consecutive rows.
package struct OriginRun: Equatable, Sendable {
  /// Who wrote them.
  package let origin: OriginID
  /// The sequence of the first.
  package let firstSequence: UInt64
  /// The row of the first.
  package let firstRow: Int
  /// How many they are.
  package var rowCount: Int

  /// Joins the parts.
  package init(origin: OriginID, firstSequence: UInt64, firstRow: Int, rowCount: Int) {
    self.origin = origin
    self.firstSequence = firstSequence
    self.firstRow = firstRow
    self.rowCount = rowCount
  }
}

/// Rows that one batch from elsewhere filled, and when it was applied here.
package struct ReceivedRun: Equatable, Sendable {
  /// The row of the first event.
  package let firstRow: Int
  /// How many events there are.
  package let rowCount: Int
  /// This replica's time when it applied them.
  package let time: HybridTimestamp

  /// Joins the parts.
  package init(firstRow: Int, rowCount: Int, time: HybridTimestamp) {
    self.firstRow = firstRow
    self.rowCount = rowCount
    self.time = time
  }
}

/// An event whose idempotency key an earlier event of the log has already.
package struct Echo: Equatable, Sendable {
  /// How many positions earlier the other one lies, at least 1.
  ///
  /// With the same content, that is the first event of that content; otherwise the first event
  /// with the key.
  package let distance: UInt64
  /// Whether both have the same source content.
  package let isSameContent: Bool
  /// CRC32C of the event's source content, to tell contents apart without reading them.
  package let contentChecksum: UInt32

  /// Joins the parts.
  package init(distance: UInt64, isSameContent: Bool, contentChecksum: UInt32) {
    self.distance = distance
    self.isSameContent = isSameContent
    self.contentChecksum = contentChecksum
  }
}

/// An echo and its row.
package struct EchoRow: Equatable, Sendable {
  /// The row of the event.
  package let row: Int
  /// What it repeats.
  package let echo: Echo

  /// Joins the parts.
  package init(row: Int, echo: Echo) {
    self.row = row
    self.echo = echo
  }
}

/// A page of the identifier index.
package struct IdentifierPage: Equatable, Sendable {
  /// The first identifier prefix in it.
  package let firstPrefix: UInt64
  /// Where it begins, from the start of the identifier index.
  package let offset: Int
  /// How long it is.
  package let byteCount: Int
  /// CRC32C of its bytes.
  package let checksum: UInt32
}

/// An event type and how many events have it.
package struct TypeCount: Equatable, Sendable {
  /// The type's name.
  package let name: String
  /// How many events have it.
  package var count: Int
}

/// The index at the end of a segment, small enough to be kept in memory while the log is open.
///
/// Source: `docs/format/segment.md` §5.
package struct SegmentFooter: Equatable, Sendable {
  /// The position of the first event.
  package var firstPosition: UInt64 = 0
  /// How many events there are.
  package var rowCount = 0
  /// How many of them are control events.
  package var controlCount = 0
  /// The latest time this replica had issued when the last event was appended.
  package var clock = HybridTimestamp(rawValue: 0)
  /// The blocks, in row order and without gaps between them.
  package var blocks: [BlockSummary] = []
  /// The tables of a segment of columns; none in one of rows.
  package var tables: [TableSummary] = []
  /// How many bytes of blocks and tables are source ids; 0 in a segment of rows, which does not tell.
  package var sourceIDByteCount = 0
  /// The origin runs, by origin and first sequence.
  package var runs: [OriginRun] = []
  /// When events from elsewhere were applied, in row order.
  package var received: [ReceivedRun] = []
  /// The echoes, in row order.
  package var echoes: [EchoRow] = []
  /// How many interactions each channel has, by raw value; eight counts. Control events and events
  /// that repeat an earlier one, key and content, are left out.
  package var channelCounts = [Int](repeating: 0, count: 8)
  /// The types that occur, in byte order.
  package var types: [TypeCount] = []
  /// CRC32C of the key column.
  package var keysChecksum: UInt32 = 0
  /// The pages of the identifier index.
  package var identifierPages: [IdentifierPage] = []

  /// An empty footer.
  package init() {}

  /// Where the tables begin: behind the last block.
  package var tablesOffset: UInt64 {
    blocks.last.map { $0.offset + UInt64($0.byteCount) } ?? UInt64(SegmentHeader.byteCount)
  }

  /// How long the tables are together.
  package var tablesByteCount: Int { tables.reduce(0) { $0 + $1.byteCount } }

  /// How long blocks and tables are together.
  package var contentByteCount: UInt64 {
    keysOffset - UInt64(SegmentHeader.byteCount)
  }

  /// Where the key column begins: behind the last table.
  package var keysOffset: UInt64 { tablesOffset + UInt64(tablesByteCount) }

  /// How long the key column is: eight bytes an event, nothing in a segment of columns.
  package var keysByteCount: Int { tables.isEmpty ? rowCount * 8 : 0 }

  /// Where the identifier index begins: behind the key column.
  package var identifiersOffset: UInt64 { keysOffset + UInt64(keysByteCount) }

  /// How long the identifier index is.
  package var identifiersByteCount: Int {
    identifierPages.last.map { $0.offset + $0.byteCount } ?? 0
  }

  /// The block that holds a row. O(log blocks).
  ///
  /// - Parameter row: A row of this segment.
  /// - Returns: The block's place in ``blocks``, or nothing for a row that is not there.
  package func blockIndex(ofRow row: Int) -> Int? {
    guard row >= 0, row < rowCount else { return nil }
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].firstRow <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// The row of an event, and how many rows from there on continue its origin's sequence.
  /// O(log runs).
  ///
  /// - Parameter dot: The event's name.
  /// - Returns: Its row and the number of rows, or nothing if it is not in this segment.
  package func run(from dot: Dot) -> (row: Int, rowCount: Int)? {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      let run = runs[middle]
      if (run.origin, run.firstSequence) <= (dot.origin, dot.sequence) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low > 0, runs[low - 1].origin == dot.origin else { return nil }
    let run = runs[low - 1]
    let distance = dot.sequence - run.firstSequence
    guard distance < UInt64(run.rowCount) else { return nil }
    return (run.firstRow + Int(distance), run.rowCount - Int(distance))
  }

  /// When the event in a row was applied, if it came from elsewhere. O(log runs).
  ///
  /// - Parameter row: A row of this segment.
  /// - Returns: This replica's time then; nothing for its own events.
  package func receivedTime(ofRow row: Int) -> HybridTimestamp? {
    received.time(ofRow: row)
  }
}

extension [ReceivedRun] {
  /// The time of the run that holds a row; runs are in row order. O(log runs).
  ///
  /// - Parameter row: The row to look up.
  /// - Returns: The time, or nothing if no run holds it.
  package func time(ofRow row: Int) -> HybridTimestamp? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].firstRow <= row { low = middle + 1 } else { high = middle }
    }
    guard low > 0, row < self[low - 1].firstRow + self[low - 1].rowCount else { return nil }
    return self[low - 1].time
  }
}
