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
    try addKeys(ofRecordsIn: &reader, to: &hashes, by: &keys)
    guard let source = columns.firstIndex(where: { $0.place == Self.sourcePlace }),
      let id = columns.firstIndex(where: { $0.place == Self.sourceIDPlace })
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

  /// Adds the hashes of rows that are stored as they are.
  private func addKeys(
    ofRecordsIn reader: inout BlockReader, to hashes: inout [UInt64], by keys: inout EventKeys
  ) throws(ColumnFault) {
    let rows = reader.symbols[0].indices.filter { reader.symbols[0][$0] == 0 }
    guard !rows.isEmpty else { return }
    try require(shapes.origins.count >= 40, "origin of a row")
    let parts = [try reader.records(.facts), try reader.records(.persons)]
    for (index, row) in rows.enumerated() {
      // Whose event it is, and when it was recorded, is not asked here.
      var record = ByteWriter()
      record.write(shapes.origins.span.extracting(0..<40))
      record.writeVarint(1)
      record.write(UInt64(0))
      for part in parts {
        let start = index == 0 ? 0 : part.ends[index - 1]
        record.write(part.bytes.span.extracting(start..<part.ends[index]))
      }
      let bytes = record.bytes
      do throws(DecodingFault) {
        var reader = ByteReader(bytes.span)
        let event = try Event(from: &reader)
        keys.read(event.sections, of: event.type)
      } catch {
        throw .decoding(error)
      }
      hashes[row] = keys.idempotencyKey
    }
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
