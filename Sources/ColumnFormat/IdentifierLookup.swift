internal import BinaryCoding

/// An identifier as a segment's tables know it.
package struct ColumnIdentifier: Sendable {
  /// Its number in the dictionary of each column that has it.
  fileprivate(set) var entries: [(column: Int, number: Int)] = []
  /// Whether no other column can have it.
  package fileprivate(set) var isComplete = false

  /// Nothing is known of it yet.
  package init() {}

  /// Whether any column has it.
  package var isListed: Bool { !entries.isEmpty }
}

/// The rows of a block that name an identifier.
package struct NamingRows: Equatable, Sendable {
  /// Those that do, ascending.
  package var certain: [Int] = []
  /// Those that have to be read, ascending: their identifiers are not listed.
  package var possible: [Int] = []
}

extension ColumnTables {
  /// Where the tables list an identifier.
  ///
  /// A column's dictionary has it among the entries that the first of the column's blocks with the
  /// identifier is the first to use, so all blocks that may name it are asked in order until it is
  /// complete.
  ///
  /// - Parameters:
  ///   - name: `kind:value`.
  ///   - known: What the blocks before told of it.
  ///   - facts: The facts part of a block that may name it.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: What ``rows(naming:facts:persons:rowCount:)`` takes.
  /// - Throws: ``ColumnFault`` if tables or block break a rule of the format.
  /// - Complexity: O(different identifiers that the block is the first to use).
  package func identifier(
    _ name: Span<UInt8>, known: ColumnIdentifier = ColumnIdentifier(), facts: Span<UInt8>,
    persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> ColumnIdentifier {
    var known = known
    guard let colon = name.indices.first(where: { name[$0] == UInt8(ascii: ":") }) else {
      known.isComplete = true
      return known
    }
    var leaf = LeafSink(bytesMax: ColumnLimits.recordBytesMax)
    try leaf.add(
      text: name, LeafHead(ColumnPlace(scope: 0, section: 0, path: [], kind: .text)))
    let kind = [UInt8](copying: name, 0..<colon + 1)
    var reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
    reader.takesEntries = false
    var isComplete = true
    for (index, column) in columns.enumerated()
    where column.isListed && column.head.prefix == kind
      && !known.entries.contains(where: { $0.column == index })
    {
      if column.plan.store == .constant {
        if column.plan.constant == leaf.bytes { known.entries.append((index, 0)) }
      } else if let number = try reader.number(of: leaf.bytes, inColumn: index) {
        known.entries.append((index, number))
      } else {
        isComplete = false
      }
    }
    known.isComplete = isComplete
    return known
  }

  /// The rows of a block that name an identifier in a section of a person.
  ///
  /// - Parameters:
  ///   - identifier: What ``identifier(_:known:facts:persons:rowCount:)`` gave.
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: Rows within the block.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func rows(
    naming identifier: ColumnIdentifier, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> NamingRows {
    var reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
    reader.takesEntries = false
    var isCertain = [Bool](repeating: false, count: rowCount)
    for (column, number) in identifier.entries {
      try reader.mark(&isCertain, whereColumn: column, is: number)
    }
    let unlisted = columns.filter { $0.isUnlisted }
    var rows = NamingRows()
    for (row, symbol) in reader.symbols[0].enumerated() {
      if isCertain[row] {
        rows.certain.append(row)
      } else if symbol == 0
        || unlisted.contains(where: { $0.place.scope > 0 || $0.perShape[Int(symbol) - 1] > 0 })
      {
        rows.possible.append(row)
      }
    }
    return rows
  }
}

extension TableColumn {
  /// Whether its leaves are identifiers of persons that the tables list.
  fileprivate var isListed: Bool {
    place.kind == .identifier && place.section > 0 && place.scope == 0
      && (plan.store == .dictionary || plan.store == .constant)
  }

  /// Whether it has identifiers of persons in another form than `kind:value`, or parts of them.
  fileprivate var isUnlisted: Bool {
    place.section > 0 && !isListed
      && (place.kind == .identifier
        || (place.scope == 0 && place.path.starts(with: ColumnPaths.identifiers)))
  }
}

extension BlockReader {
  /// The number of an entry that the block is the first to use, if it is one of a column's.
  fileprivate mutating func number(
    of leaf: [UInt8], inColumn column: Int
  ) throws(ColumnFault) -> Int? {
    try read(column)
    let table = tables.shapes.columns[column]
    let range = firstUses[column]
    guard let pages = table.pages, !range.isEmpty else { return nil }
    var entries = LeafSink(bytesMax: ColumnLimits.dictionaryBytesMax)
    try pages.add(range, of: table, by: &unpacker, to: &entries)
    let bytes = entries.bytes
    for (index, raw) in entries.places.enumerated() {
      let place = Place(rawValue: raw)
      if place.count == leaf.count, bytes.span.extracting(place.range).isEqual(to: leaf.span) {
        return range.lowerBound + index
      }
    }
    return nil
  }

  /// Marks the rows with a leaf of a column that is a certain entry of its dictionary.
  fileprivate mutating func mark(
    _ rows: inout [Bool], whereColumn column: Int, is number: Int
  ) throws(ColumnFault) {
    try read(column)
    let perShape = tables.shapes.columns[column].perShape
    let isConstant = tables.shapes.columns[column].plan.store == .constant
    let numbers = numbers[column]
    var next = 0
    for (row, symbol) in symbols[0].enumerated() where symbol > 0 {
      for _ in 0..<perShape[Int(symbol) - 1] {
        if isConstant || numbers[next] == Int64(number) { rows[row] = true }
        next += 1
      }
    }
  }
}
