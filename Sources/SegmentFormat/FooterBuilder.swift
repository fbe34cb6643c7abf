internal import BinaryCoding
package import EventModel
package import HybridTime

/// Collects what a footer says of events as they pass, in row order.
///
/// Writers build a segment with it and verification rebuilds the footer from the blocks, so the two
/// cannot drift apart.
///
/// Invariants: rows only grow; every row belongs to one origin run and, once its block has ended,
/// to one block.
package struct FooterBuilder: Sendable {
  private var footer = SegmentFooter()
  private var block = BlockSummary()
  private var blockTypes: Set<Int> = []
  private var typeNames: [String] = []
  private var typeCounts: [Int] = []
  private var typeIndexes: [EventType: Int] = [:]
  private var runs: [OriginRun] = []
  /// Of a segment of rows only.
  private var keyColumn: ByteWriter?
  private var identifiers: [IdentifierIndex.Entry] = []

  /// Starts a segment.
  ///
  /// - Parameters:
  ///   - firstPosition: The position of its first event.
  ///   - isColumnar: Whether it is one of columns: without a key column, and with an index that
  ///     tells blocks.
  package init(firstPosition: UInt64, isColumnar: Bool) {
    footer.firstPosition = firstPosition
    keyColumn = isColumnar ? nil : ByteWriter()
    block.offset = UInt64(SegmentHeader.byteCount)
  }

  /// How many rows there are so far.
  package var rowCount: Int { footer.rowCount }

  /// Adds the event of the next row.
  ///
  /// - Parameters:
  ///   - event: The event's outline.
  ///   - key: Its ``EventKeys/idempotencyKey``; not used in a segment of columns.
  ///   - echo: What it repeats, if anything.
  ///   - identifierKeys: The index keys of its identifiers.
  package mutating func add(
    _ event: EventOutline, key: UInt64, echo: Echo?, identifierKeys: some Sequence<UInt64>
  ) {
    let row = footer.rowCount
    footer.rowCount += 1
    if event.type.isControl {
      footer.controlCount += 1
    } else if echo?.isSameContent != true {
      footer.channelCounts[Int(event.channel.rawValue)] += 1
    }
    if let echo { footer.echoes.append(EchoRow(row: row, echo: echo)) }
    addToBlock(event, type: countType(event.type))
    runs.extend(with: event.dot, row: row)
    keyColumn?.write(key)
    let place = UInt32(keyColumn == nil ? footer.blocks.count : row)
    for key in identifierKeys {
      identifiers.append(IdentifierIndex.Entry(key: key, place: place))
    }
  }

  private mutating func countType(_ type: EventType) -> Int {
    if let index = typeIndexes[type] {
      typeCounts[index] += 1
      return index
    }
    typeIndexes[type] = typeNames.count
    typeNames.append(type.name)
    typeCounts.append(1)
    return typeNames.count - 1
  }

  private mutating func addToBlock(_ event: EventOutline, type: Int) {
    let occurred = event.occurredMilliseconds
    let recorded = event.recorded.rawValue
    if block.rowCount == 0 {
      block.occurred = occurred...occurred
      block.recorded = recorded...recorded
    } else {
      block.occurred.extend(to: occurred)
      block.recorded.extend(to: recorded)
    }
    block.rowCount += 1
    block.channels |= 1 << event.channel.rawValue
    blockTypes.insert(type)
  }

  /// Ends a block with the rows added since the last.
  ///
  /// - Parameters:
  ///   - bytes: The block's bytes in the file.
  ///   - factsByteCount: How many of them are the facts part; 0 in a segment of rows.
  ///   - rawByteCount: The length of its content.
  package mutating func endBlock(_ bytes: [UInt8], factsByteCount: Int = 0, rawByteCount: Int) {
    block.byteCount = bytes.count
    block.factsByteCount = factsByteCount
    block.rawByteCount = rawByteCount
    block.checksum = CRC32C.checksum(bytes)
    block.types = blockTypes.sorted()
    footer.blocks.append(block)
    blockTypes.removeAll(keepingCapacity: true)
    block = BlockSummary()
    block.firstRow = footer.rowCount
    block.offset = footer.tablesOffset
  }

  /// Says which tables follow the last block.
  package mutating func add(_ table: TableSummary) { footer.tables.append(table) }

  /// Says how many bytes of blocks and tables are source ids.
  package mutating func count(sourceIDBytes count: Int) { footer.sourceIDByteCount += count }

  /// Ends the segment.
  ///
  /// - Parameters:
  ///   - received: When events from elsewhere were applied, in row order.
  ///   - clock: The latest time this replica had issued when the last event was appended.
  /// - Returns: The footer, and the bytes of key column and identifier index.
  package mutating func finish(
    received: [ReceivedRun], clock: HybridTimestamp
  ) -> (footer: SegmentFooter, keys: [UInt8], identifiers: [UInt8]) {
    let index = IdentifierIndex.build(identifiers, areBlocks: keyColumn == nil)
    sortTypes()
    footer.runs = runs.sorted { left, right in
      (left.origin, left.firstSequence) < (right.origin, right.firstSequence)
    }
    footer.received = received
    footer.clock = clock
    let keys = keyColumn?.bytes ?? []
    footer.keysChecksum = CRC32C.checksum(keys)
    footer.identifierPages = index.pages
    return (footer, keys, index.bytes)
  }

  /// Puts the types into byte order, and the blocks' references to them with them.
  private mutating func sortTypes() {
    let order = typeNames.indices.sorted {
      typeNames[$0].utf8.lexicographicallyPrecedes(typeNames[$1].utf8)
    }
    var places = [Int](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { places[index] = place }
    footer.types = order.map { TypeCount(name: typeNames[$0], count: typeCounts[$0]) }
    for index in footer.blocks.indices {
      footer.blocks[index].types = footer.blocks[index].types.map { places[$0] }.sorted()
    }
  }
}

extension [OriginRun] {
  /// Adds an event to the last run, if it continues that, or else starts a run.
  ///
  /// - Parameters:
  ///   - dot: The event's name.
  ///   - row: Its row, right after the last one added.
  package mutating func extend(with dot: Dot, row: Int) {
    extend(
      with: OriginRun(
        origin: dot.origin, firstSequence: dot.sequence, firstRow: row, rowCount: 1))
  }

  /// The name of the event in a row, if a run holds it. O(runs).
  package func dot(atRow row: Int) -> Dot? {
    for run in self where run.firstRow <= row && row < run.firstRow + run.rowCount {
      return Dot(origin: run.origin, sequence: run.firstSequence + UInt64(row - run.firstRow))
    }
    return nil
  }

  /// Adds a run of the rows right after the last one added.
  package mutating func extend(with run: OriginRun) {
    if let last, last.origin == run.origin,
      last.firstSequence + UInt64(last.rowCount) == run.firstSequence,
      last.firstRow + last.rowCount == run.firstRow
    {
      self[count - 1].rowCount += run.rowCount
    } else {
      append(run)
    }
  }
}

extension ClosedRange {
  fileprivate mutating func extend(to value: Bound) {
    if value < lowerBound { self = value...upperBound }
    if value > upperBound { self = lowerBound...value }
  }
}
