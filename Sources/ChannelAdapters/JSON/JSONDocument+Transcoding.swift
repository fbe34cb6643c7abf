package import BinaryCoding
internal import EventModel

/// From a parsed document straight to the canonical encoding of values.
extension JSONDocument {
  /// Writes the canonical encoding of `node`, members in byte order, numbers exact.
  ///
  /// - Parameters:
  ///   - node: A value of this document.
  ///   - writer: Where the encoding goes.
  ///   - skipped: Keys of members of `node` itself to leave out.
  /// - Complexity: O(size of the value).
  package func transcode(
    _ node: Node, to writer: inout ByteWriter,
    skipping skipped: [Node] = []
  ) {
    switch kind(of: node) {
    case .null: writer.write(ValueTag.null)
    case .false: writer.write(ValueTag.no)
    case .true: writer.write(ValueTag.yes)
    case .number: transcodeNumber(textRange(of: node), to: &writer)
    case .string:
      writer.write(ValueTag.text)
      writeText(textRange(of: node), to: &writer)
    case .array: transcodeArray(node, to: &writer)
    case .object: transcodeObject(node, to: &writer, skipping: skipped)
    }
  }

  private func transcodeArray(_ node: Node, to writer: inout ByteWriter) {
    let end = Int(entries[node.index].next)
    var count: UInt64 = 0
    var index = node.index + 1
    while index < end {
      count += 1
      index = Int(entries[index].next)
    }
    writer.write(ValueTag.array)
    writer.writeVarint(count)
    index = node.index + 1
    while index < end {
      transcode(Node(index: index), to: &writer)
      index = Int(entries[index].next)
    }
  }

  private func transcodeObject(
    _ node: Node, to writer: inout ByteWriter, skipping skipped: [Node]
  ) {
    let places = entries[node.index].range
    var count = places.count
    if !skipped.isEmpty { count = places.count { !skipped.contains(key(ofMember: $0)) } }
    writer.write(ValueTag.object)
    writer.writeVarint(UInt64(count))
    for place in places {
      let (key, value) = (key(ofMember: place), value(ofMember: place))
      if !skipped.isEmpty, skipped.contains(key) { continue }
      writeText(entries[key.index].range, to: &writer)
      transcode(value, to: &writer)
    }
  }

  private func key(ofMember place: Int) -> Node { Node(index: Int(members[place].key)) }

  private func value(ofMember place: Int) -> Node { Node(index: Int(members[place].key) + 1) }

  private func transcodeNumber(_ range: Range<Int>, to writer: inout ByteWriter) {
    let digits = text.bytes.span.extracting(range)
    switch JSONNumber(digits) {
    case .integer(let value):
      writer.write(ValueTag.integer)
      writer.writeSignedVarint(value)
    case .decimal(let coefficient, let scale):
      writer.write(ValueTag.decimal)
      writer.writeSignedVarint(coefficient)
      writer.writeVarint(UInt64(scale))
    case .text, nil:
      writer.write(ValueTag.number)
      writeText(range, to: &writer)
    }
  }

  private func writeText(_ range: Range<Int>, to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(range.count))
    writer.write(text.bytes.span.extracting(range))
  }
}
