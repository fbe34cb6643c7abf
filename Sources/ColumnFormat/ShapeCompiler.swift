internal import BinaryCoding
internal import EventModel

/// Turns the tokens of a shape into operations, runs of bytes joined.
struct ShapeCompiler {
  private(set) var bytes: [UInt8]
  private var start: Int
  private var operations: [ShapeOperation] = []
  private var isOpen = false

  init(bytes: [UInt8]) {
    self.bytes = bytes
    start = bytes.count
  }

  mutating func add(
    _ node: ShapeTrie.Node, name: [UInt8], column: (Int) -> Int, scope: (Int) -> Int
  ) {
    let target = Int(node.target)
    if node.isNamed { write(name.count, then: name) }
    switch node.token {
    case .header: bytes += name
    case .section:
      endSection()
      add(.section)
      isOpen = true
      write(Int(node.number) & 0xf_ffff, then: [])
    case .gone:
      endSection()
      add(.leaf(column: column(target)))
    case .null: bytes.append(ValueTag.null)
    case .object: bytes.append(ValueTag.object)
    case .count: write(Int(node.number), then: [])
    case .identifiers:
      bytes.append(ValueTag.array)
      write(Int(node.number), then: [])
    case .array: add(.array(scope: scope(target)))
    case .boolean, .amount, .number, .text, .map, .identifier:
      add(.leaf(column: column(target)))
    }
  }

  private mutating func write(_ count: Int, then name: [UInt8]) {
    var writer = ByteWriter()
    writer.writeVarint(UInt64(count))
    bytes += writer.bytes + name
  }

  private mutating func add(_ operation: ShapeOperation) {
    endBytes()
    operations.append(operation)
  }

  private mutating func endBytes() {
    if start < bytes.count { operations.append(.bytes(start..<bytes.count)) }
    start = bytes.count
  }

  private mutating func endSection() {
    if isOpen { add(.sectionEnd) }
    isOpen = false
  }

  mutating func finish() -> [ShapeOperation] {
    endSection()
    endBytes()
    return operations
  }
}
