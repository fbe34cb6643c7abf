internal import BinaryCoding

/// A segment's tables, decoded: what its blocks are read by.
///
/// Made once and shared by all readers. Whatever the tables' bytes are, making one throws or gives
/// something bounded by ``ColumnLimits``, and so does reading blocks with it.
package struct ColumnTables: Sendable {
  var shapes: ShapesTable
  /// The leaves of all dictionaries, and constants.
  private(set) var entries = LeafSink(bytesMax: ColumnLimits.dictionaryBytesMax)

  /// How many entries all dictionaries have.
  private var entryTotal = 0

  var columns: [TableColumn] {
    get { shapes.columns }
    set { shapes.columns = newValue }
  }

  /// How many rows the segment has.
  package var rowCount: Int { shapes.rowCount }

  /// About how many bytes of memory they take.
  package var byteCount: Int {
    var count = entries.bytes.count + 8 * entries.places.count
    for column in columns {
      count +=
        4 * column.map.count + (column.words?.byteCount ?? 0) + (column.pages?.byteCount ?? 0)
    }
    return count + shapes.bytes.count + 12 * shapes.operations.count
  }

  /// Whether large dictionaries are taken apart, too: blocks are read as a whole, not by single rows.
  private let isExpanded: Bool

  /// What tables are read for.
  package enum Purpose: Sendable {
    /// All records of blocks.
    case records
    /// Single records, and what rows are looked up by: dictionaries stay packed.
    case rows
    /// ``outlines(facts:rowCount:)`` and nothing else; tables of persons may be missing.
    case outlines
    /// ``idempotencyKeys(_:facts:persons:rowCount:)`` and nothing else.
    case keys
  }

  /// Reads tables.
  ///
  /// - Parameters:
  ///   - tables: The tables of a segment, as the encoder gave them.
  ///   - purpose: What for.
  /// - Throws: ``ColumnFault`` if they break a rule of the format.
  package init(
    _ tables: [ColumnTable], for purpose: Purpose = .records
  ) throws(ColumnFault) {
    guard let first = tables.first else { throw .bounds("tables") }
    var unpacker = try StreamUnpacker()
    var reader = SpanReader(first.bytes.span)
    try require(try reader.byte() == TableKind.shapes, "first table")
    shapes = try ShapesTable(from: &reader, unpacker: &unpacker)
    isExpanded = purpose != .rows
    var planned = Set<UInt8>()
    for table in tables.dropFirst() where table.bytes.first == TableKind.plans {
      var reader = SpanReader(table.bytes.span)
      _ = try reader.byte()
      try require(planned.insert(table.part.rawValue).inserted, "plans given twice")
      try readPlans(&reader, part: table.part)
      try reader.expectEnd()
    }
    try require(planned.count == (purpose == .outlines ? 1 : 2), "plans")
    let wanted = wantedColumns(for: purpose)
    for table in tables.dropFirst() where table.bytes.first != TableKind.plans {
      if let column = table.column, !wanted.contains(column) { continue }
      var reader = SpanReader(table.bytes.span)
      let kind = try reader.byte()
      try readTable(kind, &reader, part: table.part, unpacker: &unpacker)
      try reader.expectEnd()
    }
    try check(wanted)
  }

  /// Dictionaries of so many entries are taken apart in any case.
  private static let smallEntryCount = 4096

  /// The columns that a purpose needs, and those they go by.
  private func wantedColumns(for purpose: Purpose) -> Set<Int> {
    let places: [ColumnPlace]
    switch purpose {
    case .records, .rows: return Set(columns.indices)
    case .outlines: places = [Self.occurredPlace]
    case .keys: places = [Self.sourcePlace, Self.sourceIDPlace]
    }
    var wanted = Set<Int>()
    for place in places {
      var next = columns.firstIndex { $0.place == place }
      while let column = next, wanted.insert(column).inserted {
        next = columns[column].plan.predictor.key
      }
    }
    return wanted
  }

  /// The place of ``ColumnOutline/occurred``.
  static let occurredPlace = ColumnPlace(
    scope: 0, section: 0, path: ColumnPaths.occurred, kind: .amount)
  /// The places of what an idempotency key is made of.
  static let sourcePlace = ColumnPlace(
    scope: 0, section: 1, path: ColumnPaths.source, kind: .text)
  static let sourceIDPlace = ColumnPlace(
    scope: 0, section: 1, path: ColumnPaths.sourceID, kind: .text)

  private mutating func readPlans(
    _ reader: inout SpanReader, part: ColumnPart
  ) throws(ColumnFault) {
    for index in columns.indices where columns[index].place.part == part {
      let plan = try ColumnPlan(
        of: columns[index].place, columnCount: columns.count, from: &reader)
      columns[index].plan = plan
      guard plan.store == .constant else { continue }
      if columns[index].place.kind.isCount {
        var constant = SpanReader(plan.constant.span)
        columns[index].constant = try constant.varint()
        try constant.expectEnd()
      } else {
        columns[index].constant = UInt64(entries.places.count)
        try entries.add(leaf: plan.constant.span)
      }
    }
  }

  private mutating func readTable(
    _ kind: UInt8, _ reader: inout SpanReader, part: ColumnPart, unpacker: inout StreamUnpacker
  ) throws(ColumnFault) {
    let index = try reader.count(max: columns.count - 1)
    let column = columns[index]
    try require(column.place.part == part, "part of a table")
    switch kind {
    case TableKind.dictionary:
      try require(column.plan.store == .dictionary, "dictionary of a column")
      try require(column.pages == nil, "dictionary given twice")
      let pages = try DictionaryPages(from: &reader)
      entryTotal += pages.count
      try require(entryTotal <= ColumnLimits.entriesMax, "entries of dictionaries")
      columns[index].pages = pages
      columns[index].entryCount = pages.count
      guard isExpanded || pages.count <= Self.smallEntryCount else { break }
      columns[index].isExpanded = true
      columns[index].entryStart = entries.places.count
      try pages.add(0..<pages.count, of: column, by: &unpacker, to: &entries)
      entries.keepOnly(0..<Int.max)
    case TableKind.words:
      try require(column.words == nil && column.plan.store == .words, "words of a column")
      columns[index].words = try WordTable(from: &reader, unpacker: &unpacker)
    case TableKind.map: try readMap(index, &reader, unpacker: &unpacker)
    default: throw .bounds("kind of a table")
    }
  }

  /// Reads a map; the dictionaries of column and key come before it.
  private mutating func readMap(
    _ index: Int, _ reader: inout SpanReader, unpacker: inout StreamUnpacker
  ) throws(ColumnFault) {
    guard case .map(let key) = columns[index].plan.predictor else { throw .bounds("map") }
    let codes = try unpacker.integers(&reader, count: columns[key].entryCount)
    var ages = NumberAges(next: 0)
    var map = [UInt32](repeating: 0, count: codes.count)
    for (entry, code) in codes.enumerated() where code != 0 {
      let number = ages.number(
        ofAge: code > 0 ? code - 1 : code, count: columns[index].entryCount)
      try require(number >= 0, "number of a map")
      map[entry] = UInt32(number + 1)
    }
    columns[index].map = map
  }

  /// Requires that predictors have what they need and no column waits for itself.
  private func check(_ wanted: Set<Int>) throws(ColumnFault) {
    for column in wanted.sorted().map({ columns[$0] }) {
      guard let key = column.plan.predictor.key else { continue }
      let other = columns[key]
      try require(other.place.scope == column.place.scope, "key in another array")
      try require(column.place.part == .persons || other.place.part == .facts, "key of a person")
      var at = other
      for _ in columns.indices {
        guard let next = at.plan.predictor.key else { break }
        at = columns[next]
      }
      try require(at.plan.predictor.key == nil, "column that is its own key")
      switch column.plan.predictor {
      case .map:
        try require(other.plan.store == .dictionary, "key without a dictionary")
        try require(column.map.count == other.entryCount, "map")
      case .affix:
        try require(
          other.place.kind.hasAffix && other.plan.store != .constant, "key without text")
      case .none, .previous: break
      }
    }
  }
}
