internal import BinaryCoding
package import EventModel

extension ColumnTables {
  /// The hash of each row's idempotency key; cheaper than reading the rows.
  ///
  /// - Parameters:
  ///   - keys: What hashes.
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: ``EventKeys/idempotencyKey`` of each row.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func idempotencyKeys(
    _ keys: inout EventKeys, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> [UInt64] {
    var reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
    var hashes = [UInt64](repeating: 0, count: rowCount)
    if reader.symbols[0].contains(0) {
      let whole = try records(facts: facts, persons: persons, rowCount: rowCount)
      for (row, symbol) in reader.symbols[0].enumerated() where symbol == 0 {
        let record = whole.bytes.span.extracting(
          (row > 0 ? whole.ends[row - 1] : 0)..<whole.ends[row])
        do throws(DecodingFault) {
          var bytes = ByteReader(record)
          let event = try Event(from: &bytes)
          keys.read(event.sections, of: event.type)
        } catch {
          throw .decoding(error)
        }
        hashes[row] = keys.idempotencyKey
      }
    }
    guard let source = textColumn(ColumnPaths.source), let id = textColumn(ColumnPaths.sourceID)
    else { return hashes }
    try reader.read(source)
    try reader.read(id)
    let isKeyed = try keyedShapes(source, id)
    let (leaves, entries) = (reader.sink.bytes, entries.bytes)
    var next = (source: reader.starts[source], id: reader.starts[id])
    for (row, symbol) in reader.symbols[0].enumerated() where symbol > 0 {
      if isKeyed[Int(symbol) - 1] {
        hashes[row] = keys.hashOfKey(
          source: text(reader.sink.places[next.source], leaves.span, entries.span),
          id: text(reader.sink.places[next.id], leaves.span, entries.span))
      }
      next.source += Int(columns[source].perShape[Int(symbol) - 1])
      next.id += Int(columns[id].perShape[Int(symbol) - 1])
    }
    return hashes
  }

  /// The column of a text of section 1.
  private func textColumn(_ path: [UInt8]) -> Int? {
    let place = ColumnPlace(scope: 0, section: 1, path: path, kind: .text)
    return columns.firstIndex { $0.place == place }
  }

  /// Which shapes are of events that have a key: both texts, and not of a control event.
  private func keyedShapes(_ source: Int, _ id: Int) throws(ColumnFault) -> [Bool] {
    var heads = TypeHeads(shapes)
    var isKeyed: [Bool] = []
    for shape in shapes.scopes[0].shapes.indices {
      let head = try heads.head(ofShape: shape)
      let name = String(decoding: heads.types[Int(head.type)], as: UTF8.self)
      isKeyed.append(
        columns[source].perShape[shape] > 0 && columns[id].perShape[shape] > 0
          && EventType(name)?.isControl == false)
    }
    return isKeyed
  }

  @_lifetime(copy leaves, copy entries)
  private func text(
    _ place: UInt64, _ leaves: Span<UInt8>, _ entries: Span<UInt8>
  ) -> Span<UInt8> {
    let leaf = Place(rawValue: place & ~LeafSink.isEntry)
    let bytes = place & LeafSink.isEntry != 0 ? entries : leaves
    return bytes.extracting(textRange(of: leaf, kind: .text, prefixCount: 0, in: bytes))
  }
}
