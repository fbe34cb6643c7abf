internal import BinaryCoding

// ints := codec u8, …                   how many there are is known from elsewhere; none: no bytes
//
//   0 constant   zigzag value
//   1 packed     zigzag least, width u8 (0…64), values − least in so many bits each
//   2 planes     zigzag least, k u8 (1…8), k × bytes: the i-th byte of each value − least
//   3 classes    signed u8, bytes: the class of each value, then the bits below the leading one
//   4 Δ classes  zigzag first, as 3 of the zigzag differences
//   5 Δ planes   zigzag first, k u8 (1…8), k × bytes of the zigzag differences
//
// A value's class is its bit length, 0 to 64; with `signed` 1 it is that of its zigzag form.
// Arithmetic is modulo 2⁶⁴.

enum IntegerCodec {
  static let constant: UInt8 = 0
  static let packed: UInt8 = 1
  static let planes: UInt8 = 2
  static let classes: UInt8 = 3
  static let deltaClasses: UInt8 = 4
  static let deltaPlanes: UInt8 = 5
}

@inline(__always)
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

@inline(__always)
func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1))) }

@inline(__always)
func bitLength(_ value: UInt64) -> Int { 64 &- value.leadingZeroBitCount }

extension StreamPacker {
  /// Writes integers in the smallest of the codecs.
  mutating func write(_ values: [Int64], to writer: inout ByteWriter) throws(ColumnFault) {
    guard let first = values.first else { return }
    var least = first
    var greatest = first
    for value in values {
      if value < least { least = value }
      if value > greatest { greatest = value }
    }
    guard least < greatest else {
      writer.write(IntegerCodec.constant)
      return writer.writeSignedVarint(first)
    }
    let offsets = values.map { UInt64(bitPattern: $0 &- least) }
    var last = first
    let deltas = values.map { value in
      defer { last = value }
      return zigzag(value &- last)
    }
    var best = packed(offsets, least: least)
    func keep(_ other: [UInt8]) { if other.count < best.count { best = other } }
    if values.count >= 8 {
      keep(
        try classes(
          least < 0 ? values.map(zigzag) : values.map { UInt64(bitPattern: $0) },
          head: [IntegerCodec.classes, least < 0 ? 1 : 0]))
      var head = ByteWriter()
      head.write(IntegerCodec.deltaClasses)
      head.writeSignedVarint(first)
      keep(try classes(deltas, head: head.bytes))
      head.bytes[0] = IntegerCodec.deltaPlanes
      keep(try planes(deltas, head: head.bytes, max: best.count))
      head.removeAll()
      head.write(IntegerCodec.planes)
      head.writeSignedVarint(least)
      keep(try planes(offsets, head: head.bytes, max: best.count))
    }
    writer.write(best)
  }

  private func packed(_ offsets: [UInt64], least: Int64) -> [UInt8] {
    let width = bitLength(offsets.reduce(0, |))
    var writer = ByteWriter()
    writer.write(IntegerCodec.packed)
    writer.writeSignedVarint(least)
    writer.write(UInt8(width))
    var bits = BitWriter(capacity: packedByteCount(offsets.count, width: width) + 8)
    for offset in offsets { bits.write(offset, width: width) }
    writer.write(bits.finish())
    return writer.bytes
  }

  private mutating func classes(_ values: [UInt64], head: [UInt8]) throws(ColumnFault) -> [UInt8] {
    var lengths: [UInt8] = []
    lengths.reserveCapacity(values.count)
    var bits = BitWriter()
    for value in values {
      let length = bitLength(value)
      lengths.append(UInt8(length))
      if length > 1 { bits.write(value & ~(1 << UInt64(length - 1)), width: length - 1) }
    }
    var writer = ByteWriter()
    writer.write(head)
    writer.write(try pack(lengths.span))
    writer.write(bits.finish())
    return writer.bytes
  }

  /// The planes of `values`, or more than `max` bytes once they are seen not to be the smallest.
  private mutating func planes(_ values: [UInt64], head: [UInt8], max: Int) throws(ColumnFault)
    -> [UInt8]
  {
    let count = (bitLength(values.reduce(0, |)) + 7) / 8
    var writer = ByteWriter()
    writer.write(head)
    writer.write(UInt8(count))
    for index in 0..<UInt64(count) where writer.count < max {
      let plane = values.map { UInt8(truncatingIfNeeded: $0 &>> (8 &* index)) }
      writer.write(try pack(plane.span))
    }
    return writer.bytes
  }
}

extension StreamUnpacker {
  /// Reads `count` integers; the caller has bounded the count.
  mutating func integers(_ reader: inout SpanReader, count: Int) throws(ColumnFault) -> [Int64] {
    guard count > 0 else { return [] }
    switch try reader.byte() {
    case IntegerCodec.constant: return [Int64](repeating: try reader.signed(), count: count)
    case IntegerCodec.packed: return try packed(&reader, count: count)
    case IntegerCodec.planes:
      let least = try reader.signed()
      var values = try planes(&reader, count: count)
      for index in values.indices { values[index] &+= least }
      return values
    case IntegerCodec.classes:
      let isSigned = try reader.byte()
      try require(isSigned < 2, "sign of classes")
      var values = try classes(&reader, count: count)
      guard isSigned == 1 else { return values }
      for index in values.indices {
        values[index] = unzigzag(UInt64(bitPattern: values[index]))
      }
      return values
    case IntegerCodec.deltaClasses:
      let first = try reader.signed()
      return Self.sums(try classes(&reader, count: count), first: first)
    case IntegerCodec.deltaPlanes:
      let first = try reader.signed()
      return Self.sums(try planes(&reader, count: count), first: first)
    default: throw .bounds("codec of integers")
    }
  }

  private static func sums(_ deltas: consuming [Int64], first: Int64) -> [Int64] {
    var last = first
    for index in deltas.indices {
      last &+= unzigzag(UInt64(bitPattern: deltas[index]))
      deltas[index] = last
    }
    return deltas
  }

  private func packed(_ reader: inout SpanReader, count: Int) throws(ColumnFault) -> [Int64] {
    let least = try reader.signed()
    let width = Int(try reader.byte())
    try require(width <= 64, "width of packed integers")
    let bits = reader.bytes.extracting(try reader.range(packedByteCount(count, width: width)))
    var values = [Int64](repeating: least, count: count)
    var offset = 0
    for index in values.indices {
      values[index] &+= Int64(bitPattern: bits.bits(at: offset, width: width))
      offset &+= width
    }
    return values
  }

  private mutating func planes(_ reader: inout SpanReader, count: Int) throws(ColumnFault)
    -> [Int64]
  {
    let planeCount = Int(try reader.byte())
    try require(1...8 ~= planeCount, "number of planes")
    var values = [Int64](repeating: 0, count: count)
    for plane in 0..<UInt64(planeCount) {
      let bytes = try unpack(&reader, count: count)
      let shift = Int64(8 &* plane)
      for index in values.indices { values[index] |= Int64(bytes[index]) &<< shift }
    }
    return values
  }

  private mutating func classes(_ reader: inout SpanReader, count: Int) throws(ColumnFault)
    -> [Int64]
  {
    let lengths = try unpack(&reader, count: count)
    var bitCount = 0
    for length in lengths {
      try require(length <= 64, "class of an integer")
      bitCount &+= Int(length) &- (length > 0 ? 1 : 0)
    }
    let bits = reader.bytes.extracting(try reader.range((bitCount + 7) / 8))
    var values = [Int64](repeating: 0, count: count)
    var offset = 0
    for index in values.indices where lengths[index] > 0 {
      let width = Int(lengths[index]) &- 1
      let value = bits.bits(at: offset, width: width) | 1 &<< UInt64(width)
      values[index] = Int64(bitPattern: value)
      offset &+= width
    }
    return values
  }
}
