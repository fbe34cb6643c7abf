internal import BinaryCoding
internal import EventModel

/// What the tables and streams of a segment of columns take, and how each column is stored: for people
/// who ask where the bytes go.
package struct StreamAccount: Sendable {
  /// A stream of all blocks together, with the tables that belong to it.
  package struct Stream: Equatable, Sendable {
    /// What it holds: a field of the record, or the section and the names on the way to a field.
    package let name: String
    /// How it is stored.
    package var how: String
    /// How many bytes it takes in blocks.
    package var blockByteCount = 0
    /// How many bytes its tables take.
    package var tableByteCount = 0
  }

  /// The streams, by number; behind them those of the columns, by column.
  package private(set) var streams: [Stream]
  /// How many bytes the table of shapes and those of plans take, and the directories of blocks.
  package private(set) var overheadByteCount = 0

  private let tables: ColumnTables

  /// Counts a segment's tables.
  ///
  /// - Parameter given: The tables of a segment.
  /// - Throws: ``ColumnFault`` if they break a rule of the format.
  package init(_ given: [ColumnTable]) throws(ColumnFault) {
    tables = try ColumnTables(given)
    streams = Self.recordFields.map { Stream(name: $0, how: "integers") }
    streams[StreamNumber.records].how = "bytes"
    for column in tables.columns {
      streams.append(Stream(name: column.place.description, how: column.plan.description))
    }
    for table in given {
      if let column = table.column {
        streams[StreamNumber.columns + column].tableByteCount += table.bytes.count
      } else {
        overheadByteCount += table.bytes.count
      }
    }
  }

  private static let recordFields = [
    "shapes of rows", "origins", "sequences", "recorded times", "rows stored as they are",
  ]

  /// Adds the streams of a block.
  ///
  /// - Parameters:
  ///   - facts: Its facts part.
  ///   - persons: Its persons part.
  ///   - rowCount: How many rows it has.
  /// - Throws: ``ColumnFault`` if the directories break a rule of the format; nothing was added then.
  package mutating func add(
    facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) {
    let reader = try BlockReader.make(tables, facts: facts, persons: persons, rowCount: rowCount)
    var byteCount = facts.count + persons.count
    for (number, range) in reader.streams.enumerated() {
      streams[number].blockByteCount += range.count
      byteCount -= range.count
    }
    for range in reader.recordStreams {
      streams[StreamNumber.records].blockByteCount += range.count
      byteCount -= range.count
    }
    overheadByteCount += byteCount
  }

  /// The entries of the dictionaries and the constants of facts, as JSON, by column; how many entries
  /// there are of persons' columns, whose strings are nobody's to see.
  ///
  /// - Parameter max: Most strings of a column.
  /// - Returns: For each column that has any, its name, how many there are, and the first of them.
  package func strings(max: Int) -> [(name: String, count: Int, shown: [String])] {
    tables.columns.compactMap { column in
      let places: Range<Int>
      switch column.plan.store {
      case .dictionary: places = column.entryStart..<column.entryStart + column.entryCount
      case .constant where !column.place.kind.isCount:
        places = Int(column.constant)..<Int(column.constant) + 1
      default: return nil
      }
      let shown = column.place.part == .facts ? places.prefix(max) : places.prefix(0)
      return (column.place.description, places.count, shown.map(json(ofEntry:)))
    }
  }

  private func json(ofEntry entry: Int) -> String {
    let range = Place(rawValue: tables.entries.places[entry]).range
    let bytes = tables.entries.bytes
    var reader = ByteReader(bytes.span.extracting(range))
    var writer = ByteWriter()
    guard let value = try? Value(from: &reader) else { return "a leaf that is no value" }
    value.writeJSON(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension ColumnPlace {
  /// `section 1 @context library name`, with the array whose elements have it and what counts.
  fileprivate var description: String {
    var parts = ["section \(section)"]
    if scope > 0 { parts.append("array \(scope)") }
    var reader = ByteReader(path.span)
    while let name = try? reader.readLengthPrefixedBytes(max: path.count) {
      parts.append(String(decoding: name, as: UTF8.self))
    }
    switch kind {
    case .length: parts.append("(lengths)")
    case .element: parts.append("(shapes of elements)")
    case .commitment: parts.append("(commitments)")
    default: break
    }
    return parts.joined(separator: " ")
  }
}

extension ColumnPlan {
  /// Store, predictor and forms in a few words.
  fileprivate var description: String {
    var words = ["\(store)"]
    switch predictor {
    case .none: break
    case .previous: words.append("predicted by the one before")
    case .map(let key): words.append("predicted by column \(key)")
    case .affix(let key, _, _): words.append("predicted by the text of column \(key)")
    }
    if !forms.isEmpty {
      let letters = forms.map { String(decoding: [$0.letter], as: UTF8.self) }
      words.append("forms \(letters.joined(separator: " "))")
    }
    return words.joined(separator: ", ")
  }
}
