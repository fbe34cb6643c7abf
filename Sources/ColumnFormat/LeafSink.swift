internal import BinaryCoding
internal import EventModel

/// Leaves in their encoding, one after another: of a block's columns, or of dictionaries.
struct LeafSink {
  private(set) var writer = ByteWriter()
  /// Where each leaf lies, see ``Place``; with ``Self/isEntry`` set, in the dictionaries' sink.
  var places: [UInt64] = []
  private let bytesMax: Int
  /// Which of the leaves that are added from now on are kept, and how many were added since.
  private(set) var window = 0..<Int.max
  private var added = 0

  /// Tells a place in the sink of the dictionaries from one in the block's.
  static let isEntry: UInt64 = 1 << 63

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  var bytes: [UInt8] { writer.bytes }

  /// Keeps only some of the leaves to come, counted from 0; the others take neither bytes nor places.
  mutating func keepOnly(_ window: Range<Int>) {
    self.window = window
    added = 0
  }

  /// Whether the next leaf will be kept.
  var keepsNext: Bool { window.contains(added) }

  /// Counts a leaf; whether it is kept.
  @inline(__always)
  private mutating func takesNext() -> Bool {
    defer { added &+= 1 }
    return window.contains(added)
  }

  /// Requires that `count` more bytes may be taken.
  @inline(__always)
  private func requireRoom(_ count: Int) throws(ColumnFault) {
    guard writer.count &+ count <= bytesMax else { throw .bounds("bytes of leaves") }
  }

  /// Adds a leaf that is in its encoding already.
  mutating func add(leaf: Span<UInt8>) throws(ColumnFault) {
    guard takesNext() else { return }
    try requireRoom(leaf.count)
    places.append(Place(writer.count, leaf.count).rawValue)
    writer.write(leaf)
  }

  mutating func add(_ amount: Amount) throws(ColumnFault) {
    guard takesNext() else { return }
    try requireRoom(12)
    let start = writer.count
    amount.write(to: &writer)
    places.append(Place(start, writer.count &- start).rawValue)
  }

  mutating func add(boolean: Int64) throws(ColumnFault) {
    guard takesNext() else { return }
    try require(0...1 ~= boolean, "boolean")
    try requireRoom(1)
    places.append(Place(writer.count, 1).rawValue)
    writer.write(boolean == 0 ? ValueTag.no : ValueTag.yes)
  }

  /// Adds the head of an array.
  mutating func add(length: Int64) throws(ColumnFault) {
    guard takesNext() else { return }
    try requireRoom(11)
    let start = writer.count
    writer.write(ValueTag.array)
    writer.writeVarint(UInt64(bitPattern: length))
    places.append(Place(start, writer.count &- start).rawValue)
  }

  /// Begins a leaf whose text has `count` bytes and is to be written next; 0 ≤ count ≤ 1 MiB.
  @inline(__always)
  mutating func begin(_ head: LeafHead, count: Int) throws(ColumnFault) {
    try requireRoom(count &+ 64)
    let start = writer.count
    switch head.kind {
    case .text, .identifier:
      writer.write(ValueTag.text)
      writer.writeVarint(UInt64(count &+ head.prefix.count))
      if !head.prefix.isEmpty { writer.write(head.prefix) }
    case .number:
      writer.write(ValueTag.number)
      writer.writeVarint(UInt64(count))
    case .commitment: writer.write(UInt8(0))
    default: break
    }
    places.append(Place(start, writer.count &- start &+ count).rawValue)
  }

  /// Adds a leaf of a text.
  @inline(__always)
  mutating func add(text: Span<UInt8>, _ head: LeafHead) throws(ColumnFault) {
    guard takesNext() else { return }
    try begin(head, count: text.count)
    writer.write(text)
  }

  /// Adds a leaf of a text with something before and behind it.
  mutating func add(
    text: Span<UInt8>, before: [UInt8], behind: [UInt8], _ head: LeafHead
  ) throws(ColumnFault) {
    guard takesNext() else { return }
    try begin(head, count: before.count + text.count + behind.count)
    writer.write(before)
    writer.write(text)
    writer.write(behind)
  }

  /// Adds a leaf of an integer in a form that holds it.
  mutating func add(integer: Int64, form: TextForm, _ head: LeafHead) throws(ColumnFault) {
    guard takesNext() else { return }
    try begin(head, count: form.byteCount(integer))
    form.print(integer, to: &writer)
  }

  /// Adds a leaf of a wide value.
  mutating func add(
    upper: UInt64, lower: UInt64, form: TextForm, _ head: LeafHead
  ) throws(ColumnFault) {
    guard takesNext() else { return }
    try begin(head, count: form.letter == TextForm.plainUUID4 ? 32 : 36)
    form.print(upper: upper, lower: lower, to: &writer)
  }

  /// Adds a leaf of bytes shown in hexadecimal behind a prefix.
  mutating func add(hex: Span<UInt8>, prefix: [UInt8], _ head: LeafHead) throws(ColumnFault) {
    guard takesNext() else { return }
    try begin(head, count: prefix.count + 2 * hex.count)
    writer.write(prefix)
    var index = 0
    while index &+ 4 <= hex.count {
      let word = UInt64(hex[index]) &<< 24 | UInt64(hex[index &+ 1]) &<< 16
      writer.write(
        TextForm.hexText(word | UInt64(hex[index &+ 2]) &<< 8 | UInt64(hex[index &+ 3])))
      index &+= 4
    }
    while index < hex.count {
      writer.write(Self.hexDigits[Int(hex[index] >> 4)])
      writer.write(Self.hexDigits[Int(hex[index] & 15)])
      index &+= 1
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
}

/// What the leaves of a text column begin with.
struct LeafHead: Equatable {
  let kind: ColumnKind
  /// Of identifiers, the kind and a colon.
  let prefix: [UInt8]

  init(_ place: ColumnPlace) {
    kind = place.kind
    prefix = place.textPrefix
  }
}
