internal import BinaryCoding

// mixed := form u8, levels u8, slot bits u8, depth u8 if of classes, length varint of the coded bits, coded bits,
//          rest length varint, rest
// form  := how many values before are looked at, 0 to 2 | 4 if of classes
//
// A plain value is coded as `levels` bits. Of classes, its bit length is, then at most `depth` of the
// bits behind the leading one; what is left of them stands in the rest, packed.

/// How values are cut into bits.
struct MixedForm: Equatable {
  /// How many values before are looked at: 0 to 2.
  var orders: Int
  /// Whether the class of a value is coded first.
  var isOfClasses: Bool
  /// How many bits a value has, or a class.
  var levels: Int
  /// How many of the bits behind the leading one are mixed.
  var depth: Int
  /// Each context has 2 to the so many slots.
  var slotBits: Int

  /// The form of `count` values.
  init(orders: Int, greatest: UInt64, depth: Int, count: Int) {
    self.orders = orders
    isOfClasses = greatest > 255
    levels = isOfClasses ? bitLength(UInt64(bitLength(greatest))) : bitLength(greatest)
    self.depth = isOfClasses ? depth : 0
    // Few bits take few slots, which stay in the processor's cache.
    let most = isOfClasses ? Self.slotBitsMax : levels > 4 ? 14 : 12
    slotBits = min(max(bitLength(UInt64(count)) + 2, Self.slotBitsMin), most)
  }

  private static let depthMax = 20
  private static let slotBitsMin = 8
  private static let slotBitsMax = 20

  /// How many bits of a value are packed.
  @inline(__always)
  func restWidth(ofClass length: Int) -> Int {
    isOfClasses ? max(0, length &- 1 &- depth) : 0
  }

  func write(to writer: inout ByteWriter) {
    writer.write(UInt8(orders | (isOfClasses ? 4 : 0)))
    writer.write(UInt8(levels))
    writer.write(UInt8(slotBits))
    if isOfClasses { writer.write(UInt8(depth)) }
  }

  init(from reader: inout SpanReader) throws(ColumnFault) {
    let first = try reader.byte()
    orders = Int(first & 3)
    isOfClasses = first & 4 != 0
    try require(first < 8 && orders < 3, "form of mixed values")
    levels = Int(try reader.byte())
    try require(levels <= (isOfClasses ? 7 : 8), "levels of mixed values")
    slotBits = Int(try reader.byte())
    try require(
      Self.slotBitsMin...Self.slotBitsMax ~= slotBits, "slots of mixed values")
    depth = isOfClasses ? Int(try reader.byte()) : 0
    try require(depth <= Self.depthMax, "depth of mixed values")
  }
}

/// What is known beside each value.
struct MixedGiven {
  /// A symbol for each value.
  let symbols: [UInt32]
  /// Whether not the symbol counts, but the value that had the same one last.
  let isLast: Bool
}

/// Mixes values, in one direction or the other.
struct MixedValues {
  private let form: MixedForm
  /// Of each value, the symbols of the given ones behind one another.
  private let symbols: [UInt32]
  /// Of each given one, whether the value counts that had the same symbol last.
  private let isLast: [Bool]
  /// Of each given one, the values last seen beside symbols.
  private var lastValues: [UInt32]
  private var mixer: BitMixer
  private var before: (UInt32, UInt32) = (0, 0)

  /// Slots of values last seen beside a symbol.
  private static let lastBits = 14

  init(_ form: MixedForm, givens: [MixedGiven]) {
    self.form = form
    isLast = givens.map(\.isLast)
    lastValues = [UInt32](
      repeating: 0, count: isLast.contains(true) ? givens.count << Self.lastBits : 0)
    var symbols: [UInt32] = []
    let count = givens.first?.symbols.count ?? 0
    symbols.reserveCapacity(count * givens.count)
    for index in 0..<count {
      for given in givens { symbols.append(given.symbols[index]) }
    }
    self.symbols = symbols
    mixer = BitMixer(
      contextCount: Self.contextCount(givens: givens.count, orders: form.orders),
      slotBits: form.slotBits)
  }

  /// Streams of fewer bytes are not worth mixing.
  static let byteCountMin = 48

  /// How many bytes mixing has to save: one for about ``nanosecondsPerByte`` that it takes to read.
  static func price(_ values: [UInt64], contexts: Int) -> Int {
    let greatest = values.max() ?? 0
    let form = MixedForm(orders: 0, greatest: greatest, depth: 3, count: values.count)
    let bits = form.isOfClasses ? form.levels + 3 : form.levels
    return price(bits: values.count * bits, contexts: contexts + 1)
  }

  /// The same of so many bits, each of which takes some four nanoseconds for each context.
  static func price(bits: Int, contexts: Int) -> Int { bits * contexts * 4 / nanosecondsPerByte }

  private static let nanosecondsPerByte = 100

  /// How many contexts a value has.
  static func contextCount(givens: Int, orders: Int) -> Int {
    1 + orders + max(0, 2 * givens - (orders > 0 ? 0 : 1))
  }

  /// Codes values; a reader's are filled in but for their packed bits.
  mutating func code<Coder: BitCoder>(_ values: inout [UInt64], by coder: inout Coder) {
    for index in values.indices {
      let contexts = contexts(at: index)
      let symbol: UInt32
      if form.isOfClasses {
        symbol = codeClass(&values[index], contexts, by: &coder)
      } else {
        symbol = codePlain(&values[index], contexts, by: &coder)
      }
      before = (symbol, before.0)
      for given in isLast.indices where isLast[given] {
        lastValues[lastSlot(given, index)] = symbol
      }
    }
  }

  @inline(__always)
  private func lastSlot(_ given: Int, _ index: Int) -> Int {
    let symbol = symbols[index &* isLast.count &+ given]
    return given &<< Self.lastBits
      | Int(BitMixing.hash(symbol, 0) &>> UInt32(32 &- Self.lastBits))
  }

  /// None; each given one, and that with the one before it; the value before, and that with the last
  /// given one; the two values before.
  @inline(__always)
  private func contexts(at index: Int) -> InlineArray<10, UInt32> {
    var contexts = InlineArray<10, UInt32>(repeating: 0)
    var count = 1
    var last: UInt32 = 0
    for given in isLast.indices {
      let symbol =
        isLast[given]
        ? lastValues[lastSlot(given, index)] : symbols[index &* isLast.count &+ given] &+ 1
      contexts[count] = BitMixing.hash(symbol, UInt32(count))
      count &+= 1
      if given > 0 {
        contexts[count] = BitMixing.hash(symbol, BitMixing.hash(last, UInt32(count)))
        count &+= 1
      }
      last = symbol
    }
    guard form.orders > 0 else { return contexts }
    contexts[count] = BitMixing.hash(before.0, UInt32(count))
    count &+= 1
    if !isLast.isEmpty {
      contexts[count] = BitMixing.hash(before.0, BitMixing.hash(last, UInt32(count)))
      count &+= 1
    }
    if form.orders > 1 {
      contexts[count] = BitMixing.hash(before.0, BitMixing.hash(before.1, UInt32(count)))
    }
    return contexts
  }

  @inline(__always)
  private mutating func codePlain<Coder: BitCoder>(
    _ value: inout UInt64, _ contexts: InlineArray<10, UInt32>, by coder: inout Coder
  ) -> UInt32 {
    let count = form.levels
    value = codeBits(value, count: count, from: 0, prefix: 1, node: 0, contexts, by: &coder)
    return UInt32(truncatingIfNeeded: value) &+ 1
  }

  /// Codes bits in groups of four, each at a node that the bits before it tell.
  @inline(__always)
  private mutating func codeBits<Coder: BitCoder>(
    _ bits: UInt64, count: Int, from level: Int, prefix: UInt64, node: UInt32,
    _ contexts: InlineArray<10, UInt32>, by coder: inout Coder
  ) -> UInt64 {
    var found = prefix
    var done = 0
    while done < count {
      let size = min(4, count &- done)
      mixer.enter(BitMixing.hash(UInt32(truncatingIfNeeded: found), node), contexts)
      let group = mixer.code(
        bits &>> UInt64(count &- done &- size), count: size, level: level &+ done, by: &coder)
      found = found &<< UInt64(size) | group
      done &+= size
    }
    return found & (1 &<< UInt64(count) &- 1)
  }

  @inline(__always)
  private mutating func codeClass<Coder: BitCoder>(
    _ value: inout UInt64, _ contexts: InlineArray<10, UInt32>, by coder: inout Coder
  ) -> UInt32 {
    let length = min(
      Int(
        codeBits(
          UInt64(bitLength(value)), count: form.levels, from: 0, prefix: 1, node: 0, contexts,
          by: &coder)), 64)
    guard length > 0 else {
      value = 0
      return 1
    }
    let rest = form.restWidth(ofClass: length)
    let count = length &- 1 &- rest
    let bits = codeBits(
      value &>> UInt64(rest), count: count, from: form.levels, prefix: 1, node: UInt32(length),
      contexts, by: &coder)
    let prefix = bits | 1 &<< UInt64(count)
    value = prefix &<< UInt64(rest)
    return BitMixing.hash(UInt32(truncatingIfNeeded: prefix), UInt32(length))
  }
}

extension StreamPacker {
  /// The stream of mixed values.
  func mixed(_ values: [UInt64], orders: Int, depth: Int, givens: [MixedGiven] = []) -> [UInt8] {
    let form = MixedForm(
      orders: orders, greatest: values.max() ?? 0, depth: depth, count: values.count)
    var mixer = MixedValues(form, givens: givens)
    var encoder = BitEncoder()
    var coded = values
    mixer.code(&coded, by: &encoder)
    var rest = BitWriter()
    for value in values {
      let width = form.restWidth(ofClass: bitLength(value))
      rest.write(value & (1 &<< UInt64(width) &- 1), width: width)
    }
    var writer = ByteWriter()
    form.write(to: &writer)
    writer.writeLengthPrefixed(encoder.finish())
    writer.writeLengthPrefixed(rest.finish())
    return writer.bytes
  }
}

extension StreamUnpacker {
  /// Reads the first `needed` of `count` mixed values.
  func mixed(
    _ reader: inout SpanReader, count: Int, needed: Int, givens: [MixedGiven] = []
  ) throws(ColumnFault) -> [UInt64] {
    let form = try MixedForm(from: &reader)
    let coded = try reader.lengthPrefixed(max: reader.remaining)
    let rest = reader.bytes.extracting(
      try reader.range(try reader.count(max: reader.remaining)))
    var values = [UInt64](repeating: 0, count: needed)
    var mixer = MixedValues(form, givens: givens)
    var decoder = BitDecoder(coded)
    mixer.code(&values, by: &decoder)
    guard form.isOfClasses else { return values }
    var offset = 0
    for index in values.indices {
      let width = form.restWidth(ofClass: bitLength(values[index]))
      values[index] |= rest.bits(at: offset, width: width)
      offset &+= width
    }
    return values
  }
}
