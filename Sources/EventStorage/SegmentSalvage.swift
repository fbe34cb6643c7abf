internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// An event that is whole in a damaged store, and what the log says of it besides.
struct SalvagedEvent {
  let position: UInt64
  let event: Event
  var echo: Echo?
  /// When it came, if from elsewhere.
  let received: HybridTimestamp?
  /// The latest time this replica had issued when its file ended.
  let clock: HybridTimestamp
}

/// What is whole of a damaged segment: the rows of the blocks that can be read.
struct SegmentSalvage {
  let entry: Manifest.Segment
  /// Nothing when not even its footer can be read.
  let segment: SealedSegment?
  /// Which blocks can be read.
  let blocks: [Int]

  init(entry: Manifest.Segment, segment: SealedSegment?, blocks: [Int]) {
    self.entry = entry
    self.segment = segment
    self.blocks = blocks
  }

  /// Reads every block of a segment.
  ///
  /// - Throws: `StorageError.disk`; damage is what it is about.
  init(
    _ entry: Manifest.Segment, _ identity: LogIdentity, in files: StoreFiles,
    _ disk: any FileSystem
  ) throws(StorageError) {
    self.entry = entry
    segment = try Self.open(entry, identity, in: files, disk)
    var blocks: [Int] = []
    if let segment {
      // Without its tables no block of columns can be read.
      _ = try Self.isWhole { () throws(StorageError) in
        let tables = try segment.readTables()
        for index in segment.footer.blocks.indices {
          let isWhole = try Self.isWhole { () throws(StorageError) in
            let block = try segment.block(try segment.readFrame(index), index, tables)
            for row in 0..<block.rowCount {
              _ = try segment.checkedEvent(in: block, index, row: row)
            }
          }
          if isWhole { blocks.append(index) }
        }
      }
    }
    self.blocks = blocks
  }

  private static func open(
    _ entry: Manifest.Segment, _ identity: LogIdentity, in files: StoreFiles,
    _ disk: any FileSystem
  ) throws(StorageError) -> SealedSegment? {
    let path = files.segment(entry.number)
    guard try onDisk({ () throws(FileFault) in try disk.exists(path) }) else { return nil }
    let file = try onDisk { () throws(FileFault) in
      try CorrectedFile(
        segment: disk.open(path, for: .reading), entry, book: identity.book)
    }
    var segment: SealedSegment?
    _ = try isWhole { () throws(StorageError) in
      segment = try SealedSegment.open(entry, identity, file: file)
    }
    return segment
  }

  /// Whether something can be read without meeting damage.
  private static func isWhole(
    _ body: () throws(StorageError) -> Void
  ) throws(StorageError) -> Bool {
    do throws(StorageError) {
      try body()
      return true
    } catch {
      switch error {
      case .damaged, .version: return false
      default: throw error
      }
    }
  }

  /// Calls `body` with every event that is whole, in position order.
  func forEachEvent(
    _ body: (SalvagedEvent) throws(StorageError) -> Void
  ) throws(StorageError) {
    guard let segment, !blocks.isEmpty else { return }
    let footer = segment.footer
    let tables = try segment.readTables()
    var echoes = footer.echoes[...]
    for index in blocks {
      let block = try segment.block(try segment.readFrame(index), index, tables)
      let firstRow = footer.blocks[index].firstRow
      for row in 0..<block.rowCount {
        while let next = echoes.first, next.row < firstRow + row { echoes.removeFirst() }
        let echo = echoes.first?.row == firstRow + row ? echoes.first?.echo : nil
        try body(
          SalvagedEvent(
            position: segment.firstPosition + UInt64(firstRow + row),
            event: try segment.checkedEvent(in: block, index, row: row), echo: echo,
            received: footer.receivedTime(ofRow: firstRow + row), clock: footer.clock))
      }
    }
  }
}
