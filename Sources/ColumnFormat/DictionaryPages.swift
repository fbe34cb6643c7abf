internal import BinaryCoding

/// The dictionary of a column as it is on disk: pages of 4,096 entries, each of which can be read alone.
struct DictionaryPages: Sendable {
  /// How many entries there are.
  let count: Int
  private let bytes: [UInt8]
  private var pages: [Range<Int>] = []

  /// Finds the pages; what is in them is looked at when they are read.
  init(from reader: inout SpanReader) throws(ColumnFault) {
    count = try reader.count(max: ColumnLimits.entriesMax)
    var bytes = ByteWriter()
    for _ in 0..<(count + ColumnLimits.pageEntries - 1) / ColumnLimits.pageEntries {
      let range = try reader.range(try reader.count(max: reader.remaining))
      pages.append(bytes.count..<bytes.count + range.count)
      bytes.write(reader.bytes.extracting(range))
    }
    self.bytes = bytes.bytes
  }

  /// About how many bytes of memory they take.
  var byteCount: Int { bytes.count + 16 * pages.count }

  /// Adds the leaves of some entries.
  func add(
    _ entries: Range<Int>, of column: TableColumn, by unpacker: inout StreamUnpacker,
    to sink: inout LeafSink
  ) throws(ColumnFault) {
    for (page, range) in pages.enumerated() {
      let start = page * ColumnLimits.pageEntries
      let held = start..<min(count, start + ColumnLimits.pageEntries)
      let wanted = held.clamped(to: entries)
      guard !wanted.isEmpty else { continue }
      var reader = SpanReader(bytes.span.extracting(range))
      sink.keepOnly(wanted.lowerBound - start..<wanted.upperBound - start)
      try unpacker.leaves(
        &reader, count: held.count, of: column.place, plan: column.plan, head: column.head,
        to: &sink)
      try reader.expectEnd()
    }
  }
}
