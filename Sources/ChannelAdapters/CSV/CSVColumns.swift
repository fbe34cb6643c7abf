internal import BinaryCoding

/// The header of a CSV file, prepared so that its rows read as JSON objects of strings.
package struct CSVColumns: Sendable {
  /// The names, in the order of the file.
  package let names: [String]

  let keyText: [UInt8]
  let keyRanges: [Range<Int>]
  /// The places of the columns, sorted by the bytes of their names.
  let sortedPlaces: [Int]

  /// Prepares names that are all different.
  package init(_ names: [String]) {
    self.names = names
    var text: [UInt8] = []
    keyRanges = names.map { name in
      let start = text.count
      text += Array(name.utf8)
      return start..<text.count
    }
    keyText = text
    sortedPlaces = names.indices.sorted {
      names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8)
    }
  }

  /// The header as a line of CSV, without a line end.
  package var encoded: [UInt8] {
    var line: [UInt8] = []
    for (index, name) in names.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      appendCSVField(Array(name.utf8)[...], to: &line)
    }
    return line
  }
}

/// Documents that were not JSON.
extension JSONDocument {
  /// Makes the document an object with a string for each column.
  ///
  /// - Parameters:
  ///   - row: A row with as many fields as there are columns.
  ///   - columns: The header of its file.
  mutating func load(_ row: CSVRow, columns: CSVColumns) {
    precondition(row.fieldCount == columns.names.count, "the reader refuses ragged rows")
    clear()
    text.write(columns.keyText)
    text.write(row.bytes)
    let count = columns.names.count
    entries.append(
      Entry(kind: .object, start: 0, end: UInt32(count), next: UInt32(2 * count + 1)))
    for place in 0..<count {
      appendString(columns.keyRanges[place])
      let field = row.range(ofField: place)
      let start = columns.keyText.count + field.lowerBound
      appendString(start..<(start + field.count))
    }
    for place in columns.sortedPlaces {
      members.append(
        Member(prefix: prefix(of: columns.keyRanges[place]), key: UInt32(2 * place + 1)))
    }
  }

  /// Makes the document a single string or number.
  ///
  /// - Parameters:
  ///   - scalar: Its text in UTF-8; of a number, in the grammar of JSON.
  ///   - kind: ``Kind/string``, ``Kind/number``, or a kind without text.
  mutating func load(_ scalar: [UInt8], kind: Kind) {
    clear()
    text.write(scalar)
    entries.append(Entry(kind: kind, start: 0, end: UInt32(scalar.count), next: 1))
  }

  private mutating func appendString(_ range: Range<Int>) {
    entries.append(
      Entry(
        kind: .string, start: UInt32(range.lowerBound), end: UInt32(range.upperBound),
        next: UInt32(entries.count) + 1))
  }
}
