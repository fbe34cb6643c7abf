internal import BinaryCoding

/// A segment's tables, decoded: what its blocks are read by.
///
/// Made once and shared by all readers. Whatever the tables' bytes are, making one throws or gives
/// something bounded by ``ColumnLimits``, and so does reading blocks with it.
package struct ColumnTables: Sendable {
  var shapes: ShapesTable
  /// The leaves of all dictionaries, and constants.
  private(set) var entries = LeafSink(bytesMax: ColumnLimits.dictionaryBytesMax)

  /// The source ids, if they are listed.
  private(set) var keys: PackedKeys?

  var columns: [TableColumn] {
    get { shapes.columns }
    set { shapes.columns = newValue }
  }

  /// How many rows the segment has.
  package var rowCount: Int { shapes.rowCount }

  /// About how many bytes of memory they take.
  package var byteCount: Int {
    var count = entries.bytes.count + 8 * entries.places.count + (keys?.byteCount ?? 0)
    for column in columns { count += 4 * column.map.count + (column.words?.byteCount ?? 0) }
    return count + shapes.bytes.count + 12 * shapes.operations.count
  }

  /// Reads tables.
  ///
  /// - Parameters:
  ///   - tables: The tables of a segment, as the encoder gave them.
  ///   - purpose: What for; for ``Purpose/outlines`` those of facts are enough.
  /// - Throws: ``ColumnFault`` if they break a rule of the format.
  package init(
    _ tables: [ColumnTable], for purpose: Purpose = .records
  ) throws(ColumnFault) {
    guard let first = tables.first else { throw .bounds("tables") }
    var unpacker = try StreamUnpacker()
    var reader = SpanReader(first.bytes.span)
    try require(try reader.byte() == TableKind.shapes, "first table")
    shapes = try ShapesTable(from: &reader, unpacker: &unpacker)
    var planned = Set<UInt8>()
    for table in tables.dropFirst() {
      var reader = SpanReader(table.bytes.span)
      let kind = try reader.byte()
      if kind == TableKind.plans {
        try require(planned.insert(table.part.rawValue).inserted, "plans given twice")
        try readPlans(&reader, part: table.part)
      } else if purpose == .outlines, !isOfOutlines(table) {
        continue
      } else {
        try readTable(kind, &reader, part: table.part, unpacker: &unpacker)
      }
      try reader.expectEnd()
    }
    try require(planned.count == (purpose == .records ? 2 : 1), "plans")
    if purpose == .records { try check() }
  }

  /// What tables are read for.
  package enum Purpose: Sendable {
    /// All that blocks hold.
    case records
    /// ``outlines(facts:rowCount:)`` and nothing else.
    case outlines
  }

  /// Whether a table is one of the column of times, or of those it goes by.
  private func isOfOutlines(_ table: ColumnTable) -> Bool {
    var wanted = columns.firstIndex { $0.place == Self.occurredPlace }
    for _ in columns.indices {
      guard let column = wanted else { return false }
      if table.column == column { return true }
      wanted = columns[column].plan.predictor.key
    }
    return false
  }

  /// The place of ``ColumnOutline/occurred``.
  static let occurredPlace = ColumnPlace(
    scope: 0, section: 0, path: ColumnPaths.occurred, kind: .amount)

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
      try require(column.entryCount == 0, "dictionary given twice")
      columns[index].entryStart = entries.places.count
      columns[index].entryCount = try unpacker.dictionary(
        &reader, of: column.place, plan: column.plan, to: &entries)
      try require(entries.places.count <= ColumnLimits.entriesMax, "entries of dictionaries")
    case TableKind.keys:
      try require(keys == nil && column.plan.store == .ranks, "keys")
      keys = try PackedKeys(from: &reader)
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
  private func check() throws(ColumnFault) {
    let rankColumns = columns.count { $0.plan.store == .ranks }
    try require(rankColumns == (keys == nil ? 0 : 1), "column of keys")
    for column in columns {
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
