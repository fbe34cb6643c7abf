internal import BinaryCoding

/// An identifier as a segment's tables know it.
package struct ColumnIdentifier: Sendable {
  /// Its number in the dictionary of each column that has it.
  let entries: [(column: Int, number: Int)]
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
  /// - Parameter name: `kind:value`.
  /// - Returns: What ``rows(naming:facts:persons:rowCount:)`` takes.
  /// - Complexity: O(different identifiers of the kind), about a nanosecond each.
  package func identifier(_ name: Span<UInt8>) -> ColumnIdentifier {
    var leaf = LeafSink(bytesMax: ColumnLimits.recordBytesMax)
    guard let colon = name.indices.first(where: { name[$0] == UInt8(ascii: ":") }),
      (try? leaf.add(
        text: name, LeafHead(ColumnPlace(scope: 0, section: 0, path: [], kind: .text)))) != nil
    else { return ColumnIdentifier(entries: []) }
    let kind = [UInt8](copying: name, 0..<colon + 1)
    var found: [(column: Int, number: Int)] = []
    for (index, column) in columns.enumerated()
    where column.isListed && column.head.prefix == kind {
      if let number = entry(leaf.bytes, in: column) { found.append((index, number)) }
    }
    return ColumnIdentifier(entries: found)
  }

  private func entry(_ leaf: [UInt8], in column: TableColumn) -> Int? {
    if column.plan.store == .constant { return column.plan.constant == leaf ? 0 : nil }
    let bytes = entries.bytes
    for number in 0..<column.entryCount {
      let place = Place(rawValue: entries.places[column.entryStart + number])
      if place.count == leaf.count, bytes.span.extracting(place.range).isEqual(to: leaf.span) {
        return number
      }
    }
    return nil
  }

  /// The rows of a block that name an identifier in a section of a person.
  ///
  /// - Parameters:
  ///   - identifier: What ``identifier(_:)`` gave.
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: Rows within the block.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func rows(
    naming identifier: ColumnIdentifier, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> NamingRows {
    var reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
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
