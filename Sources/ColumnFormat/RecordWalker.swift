internal import BinaryCoding
internal import EventModel

/// Takes records apart: the shape of each, and its leaves with their columns.
struct RecordWalker {
  var trie: ShapeTrie
  /// The columns of the last record's leaves.
  private(set) var columns: [Int32] = []
  /// Its leaves: where their bytes lie in the segment's records; a length or an element's last node
  /// in place of that for columns of these kinds.
  private(set) var leaves: [UInt64] = []
  /// An object was found to be a map: all records have to be walked again.
  private(set) var hasNewMap = false
  private var base = 0
  private var elementCount = 0

  /// The record is valid, but not one for shapes.
  private struct Refusal: Error {}

  init(maps: Set<ShapeTrie.Container>) { trie = ShapeTrie(maps: maps) }

  /// Walks a record.
  ///
  /// - Parameters:
  ///   - record: The record, behind its origin, sequence and time.
  ///   - base: Where it lies in the segment's records.
  /// - Returns: The node where its shape ends, or nothing if it is to be stored as it is.
  mutating func walk(_ record: Span<UInt8>, at base: Int) -> Int32? {
    columns.removeAll(keepingCapacity: true)
    leaves.removeAll(keepingCapacity: true)
    elementCount = 0
    self.base = base
    var reader = ByteReader(record)
    do {
      return try walkRecord(&reader, record)
    } catch {
      return nil
    }
  }

  private mutating func walkRecord(_ reader: inout ByteReader, _ record: Span<UInt8>) throws
    -> Int32
  {
    _ = try reader.readByte()
    _ = try reader.readLengthPrefixedRange(max: 255)
    _ = try reader.readRange(count: 32)
    let sectionCount = try reader.readCount(max: EventLimits.sectionCountMax)
    var node = try step(
      0, .header, name: record.extracting(0..<reader.offset), context: 0, isNamed: false)
    for section in 0..<sectionCount {
      let start = reader.offset
      let byteCount = try reader.readCount(max: reader.remaining)
      guard byteCount > 0 else {
        _ = try reader.readRange(count: 32)
        node = try step(node, .gone, number: section, name: record.extracting(0..<0), context: 0)
        add(node, start..<reader.offset)
        continue
      }
      let end = reader.offset + byteCount
      let count = try reader.readCount(max: min(byteCount, 0xf_ffff))
      node = try step(
        node, .section, number: section << 20 | count, name: record.extracting(0..<0), context: 0)
      let container = trie.nodes[Int(node)].target
      node = try walkFields(
        count, of: container, from: node, &reader, record, section: section, depth: 1)
      guard reader.offset == end else { throw Refusal() }
    }
    try reader.expectEnd()
    guard columns.count <= ColumnLimits.leavesMax else { throw Refusal() }
    return node
  }

  private mutating func walkFields(
    _ count: Int, of container: Int32, from start: Int32, _ reader: inout ByteReader,
    _ record: Span<UInt8>, section: Int = 0, depth: Int
  ) throws -> Int32 {
    var node = start
    for _ in 0..<count {
      let range = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      let name = record.extracting(range)
      if section > 0, name.isEqual(to: "@identifiers"),
        let end = try walkIdentifiers(&reader, record, from: node, container: container, name)
      {
        node = end
      } else {
        node = try walkValue(
          &reader, record, from: node, container: container, name: name, isNamed: true,
          depth: depth)
      }
    }
    return node
  }

  private mutating func walkValue(
    _ reader: inout ByteReader, _ record: Span<UInt8>, from parent: Int32, container: Int32,
    name: Span<UInt8>, isNamed: Bool, depth: Int
  ) throws -> Int32 {
    guard depth <= EventLimits.depthMax else { throw Refusal() }
    let start = reader.offset
    let tag = try reader.readByte()
    let token: ShapeTrie.Token
    switch tag {
    case ValueTag.null: token = .null
    case ValueTag.no, ValueTag.yes: token = .boolean
    case ValueTag.integer:
      _ = try reader.readVarint()
      token = .amount
    case ValueTag.decimal:
      _ = try reader.readVarint()
      guard 1...18 ~= (try reader.readVarint()) else { throw Refusal() }
      token = .amount
    case ValueTag.number, ValueTag.text:
      _ = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      token = tag == ValueTag.text ? .text : .number
    case ValueTag.array:
      return try walkArray(
        &reader, record, from: parent, container: container, name: name, isNamed: isNamed,
        depth: depth)
    case ValueTag.object:
      return try walkObject(
        &reader, record, from: parent, container: container, name: name, isNamed: isNamed,
        depth: depth)
    default: throw Refusal()
    }
    let node = try step(parent, token, name: name, context: container, isNamed: isNamed)
    if token != .null { add(node, start..<reader.offset) }
    return node
  }

  private mutating func walkArray(
    _ reader: inout ByteReader, _ record: Span<UInt8>, from parent: Int32, container: Int32,
    name: Span<UInt8>, isNamed: Bool, depth: Int
  ) throws -> Int32 {
    let count = try reader.readCount(max: reader.remaining)
    elementCount += count
    guard elementCount <= ColumnLimits.elementsMax else { throw Refusal() }
    let node = try step(parent, .array, name: name, context: container, isNamed: isNamed)
    let scope = trie.scopes[Int(trie.nodes[Int(node)].target)]
    add(column: scope.lengthColumn, UInt64(count))
    let inside = trie.nodes[Int(scope.root)].target
    for _ in 0..<count {
      let end = try walkValue(
        &reader, record, from: scope.root, container: inside, name: record.extracting(0..<0),
        isNamed: false, depth: depth + 1)
      add(column: scope.elementColumn, UInt64(end))
    }
    return node
  }

  private mutating func walkObject(
    _ reader: inout ByteReader, _ record: Span<UInt8>, from parent: Int32, container: Int32,
    name: Span<UInt8>, isNamed: Bool, depth: Int
  ) throws -> Int32 {
    let start = reader.offset - 1
    let object = try step(parent, .object, name: name, context: container, isNamed: isNamed)
    let inside = trie.nodes[Int(object)].target
    if trie.isMap(inside) {
      var whole = ByteReader(record.extracting(start..<record.count))
      try Value.skip(from: &whole)
      _ = try reader.readRange(count: whole.offset - 1)
      let node = try step(parent, .map, name: name, context: container, isNamed: isNamed)
      add(node, start..<reader.offset)
      return node
    }
    let count = try reader.readCount(max: reader.remaining)
    let nodeCount = trie.nodes.count
    var node = try step(
      object, .count, number: count, name: record.extracting(0..<0), context: inside)
    node = try walkFields(count, of: inside, from: node, &reader, record, depth: depth + 1)
    if trie.nodes.count > nodeCount {
      let names = try nameSet(record.extracting(start + 1..<reader.offset))
      hasNewMap = trie.note(nameSet: names, of: inside) || hasNewMap
    }
    return node
  }

  /// A hash of the names of an object, given behind its tag.
  private func nameSet(_ object: Span<UInt8>) throws -> UInt64 {
    var reader = ByteReader(object)
    var hash: UInt64 = 0
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let name = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      hash = hashBytes(object.extracting(name), seed: hash)
      try Value.skip(from: &reader)
    }
    return hash
  }

  /// Walks identifiers, if all of an array are: `kind:value`, the kind becomes part of the shape.
  private mutating func walkIdentifiers(
    _ reader: inout ByteReader, _ record: Span<UInt8>, from parent: Int32, container: Int32,
    _ name: Span<UInt8>
  ) throws -> Int32? {
    let rest = record.extracting(reader.offset..<record.count)
    guard let found = try Self.identifiers(rest) else { return nil }
    var node = try step(
      parent, .identifiers, number: found.count, name: name, context: container, isNamed: true)
    let inside = trie.nodes[Int(node)].target
    for (kind, leaf) in found {
      let kind = rest.extracting(kind)
      node = try step(node, .identifier, name: kind, context: inside)
      add(node, (reader.offset + leaf.lowerBound)..<(reader.offset + leaf.upperBound))
    }
    _ = try reader.readRange(count: found.last?.leaf.upperBound ?? 2)
    return node
  }

  private static func identifiers(_ value: Span<UInt8>) throws
    -> [(kind: Range<Int>, leaf: Range<Int>)]?
  {
    var reader = ByteReader(value)
    guard try reader.readByte() == ValueTag.array else { return nil }
    let count = try reader.readCount(max: reader.remaining)
    guard count <= 32 else { return nil }
    var found: [(kind: Range<Int>, leaf: Range<Int>)] = []
    for _ in 0..<count {
      let start = reader.offset
      guard try reader.readByte() == ValueTag.text else { return nil }
      let text = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      var end = text.lowerBound
      while end < text.upperBound, isKind(value[end]) { end += 1 }
      guard end < text.upperBound, value[end] == UInt8(ascii: ":"), end > text.lowerBound,
        end - text.lowerBound <= 32
      else { return nil }
      found.append((text.lowerBound..<end, start..<reader.offset))
    }
    return found
  }

  private static func isKind(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func step(
    _ parent: Int32, _ token: ShapeTrie.Token, number: Int = 0, name: Span<UInt8>,
    context: Int32, isNamed: Bool = false
  ) throws -> Int32 {
    let node = trie.step(
      parent, token, number: number, name: name, context: context, isNamed: isNamed)
    guard node >= 0 else { throw Refusal() }
    return node
  }

  private mutating func add(_ node: Int32, _ range: Range<Int>) {
    columns.append(trie.nodes[Int(node)].target)
    leaves.append(Place(base + range.lowerBound, range.count).rawValue)
  }

  private mutating func add(column: Int, _ leaf: UInt64) {
    columns.append(Int32(column))
    leaves.append(leaf)
  }
}
