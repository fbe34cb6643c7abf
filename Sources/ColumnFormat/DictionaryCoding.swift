internal import BinaryCoding

// A dictionary numbers the different leaves of a column in the order of their first use. A block
// says how many numbers were given out before it, then each number as its age: how many less than
// the next new number it is. 0 is the next new number itself. A number that is not below the next
// new one makes the one behind it the next.
//
// dictionary := entry count varint, (values of 4,096 entries)*
// numbers    := next varint, ints of the ages

/// Turns numbers into ages and back.
struct NumberAges {
  private(set) var next: Int64

  init(next: Int) { self.next = Int64(next) }

  /// Takes note of a number.
  @inline(__always)
  mutating func see(_ number: Int64) { if number >= next { next = number &+ 1 } }

  @inline(__always)
  mutating func age(of number: UInt32) -> Int64 {
    let number = Int64(number)
    defer { see(number) }
    return next &- number
  }

  /// The number of an age, or -1 if there is no such entry.
  @inline(__always)
  mutating func number(ofAge age: Int64, count: Int) -> Int64 {
    let (number, overflow) = next.subtractingReportingOverflow(age)
    guard !overflow, number >= 0, number < Int64(count) else { return -1 }
    see(number)
    return number
  }
}

extension StreamPacker {
  /// The dictionary of a column.
  mutating func dictionary(
    of column: LeafColumn, in records: Span<UInt8>
  ) throws(ColumnFault) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(UInt64(column.entries.count))
    var start = 0
    while start < column.entries.count {
      let end = min(column.entries.count, start + ColumnLimits.pageEntries)
      try write(
        leaves: column.entries[start..<end], of: column.place, plan: column.plan, in: records,
        small: true, to: &writer)
      start = end
    }
    return writer.bytes
  }

  /// Writes leaves themselves.
  ///
  /// - Parameters:
  ///   - leaves: Where each lies; of lengths and elements the number.
  ///   - place: The column's place.
  ///   - plan: Forms and scale.
  ///   - records: The segment's records.
  ///   - isSmall: Whether to take more time.
  ///   - writer: Where the streams go.
  /// - Throws: ``ColumnFault/compression(_:)``.
  mutating func write(
    leaves: ArraySlice<UInt64>, of place: ColumnPlace, plan: ColumnPlan,
    in records: Span<UInt8>, small isSmall: Bool = false, to writer: inout ByteWriter
  ) throws(ColumnFault) {
    switch place.kind {
    case .length, .element: try write(leaves.map { Int64($0) }, to: &writer)
    case .boolean:
      var values: [Int64] = []
      for leaf in leaves { values.append(Int64(records[Place(rawValue: leaf).offset]) - 1) }
      try write(values, to: &writer)
    case .amount:
      var amounts: [Amount] = []
      amounts.reserveCapacity(leaves.count)
      for leaf in leaves {
        amounts.append(Amount(walked: Place(rawValue: leaf), in: records))
      }
      try write(amounts, plan: plan, to: &writer)
    case .number, .text, .value, .commitment, .identifier:
      let prefixCount = place.textPrefix.count
      var texts: [Range<Int>] = []
      texts.reserveCapacity(leaves.count)
      for leaf in leaves {
        texts.append(
          textRange(
            of: Place(rawValue: leaf), kind: place.kind, prefixCount: prefixCount, in: records))
      }
      try write(texts: texts, in: records, forms: plan.forms, small: isSmall, to: &writer)
    }
  }
}

extension Amount {
  /// The amount of a leaf that a ``RecordWalker`` found.
  init(walked leaf: Place, in records: Span<UInt8>) {
    self = Amount(leaf: records.extracting(leaf.range)) ?? Amount(coefficient: 0, scale: 0)
  }
}

extension StreamUnpacker {
  /// Reads `count` leaves that are stored themselves; not of lengths and elements.
  mutating func leaves(
    _ reader: inout SpanReader, count: Int, of place: ColumnPlace, plan: ColumnPlan,
    head: LeafHead, to sink: inout LeafSink
  ) throws(ColumnFault) {
    switch place.kind {
    case .length, .element: throw .bounds("counts as leaves")
    case .boolean:
      for value in try integers(&reader, count: count) { try sink.add(boolean: value) }
    case .amount:
      let kept = sink.window.clamped(to: 0..<count)
      sink.keepOnly(0..<Int.max)
      for amount in try amounts(&reader, count: count, plan: plan, only: kept) {
        try sink.add(amount)
      }
    case .number, .text, .value, .commitment, .identifier:
      try texts(&reader, count: count, forms: plan.forms, head: head, to: &sink)
    }
  }

  /// Reads some of `count` amounts by a plan.
  mutating func amounts(
    _ reader: inout SpanReader, count: Int, plan: ColumnPlan, only kept: Range<Int>
  ) throws(ColumnFault) -> [Amount] {
    let coefficients = try integers(&reader, count: count)
    let scales = plan.scale == .written ? try integers(&reader, count: count) : []
    var amounts: [Amount] = []
    amounts.reserveCapacity(kept.count)
    for index in kept {
      let coefficient = coefficients[index]
      switch plan.scale {
      case .least: amounts.append(Amount(least: coefficient, places: plan.places))
      case .all: amounts.append(Amount(coefficient: coefficient, scale: plan.places))
      case .written:
        try require(0...18 ~= scales[index], "scale of an amount")
        amounts.append(Amount(coefficient: coefficient, scale: UInt8(scales[index])))
      }
    }
    return amounts
  }

  /// Reads a dictionary.
  ///
  /// - Returns: How many entries were added to `sink`.
  mutating func dictionary(
    _ reader: inout SpanReader, of place: ColumnPlace, plan: ColumnPlan, to sink: inout LeafSink
  ) throws(ColumnFault) -> Int {
    let count = try reader.count(max: ColumnLimits.entriesMax)
    let head = LeafHead(place)
    var read = 0
    while read < count {
      let page = min(ColumnLimits.pageEntries, count - read)
      try leaves(&reader, count: page, of: place, plan: plan, head: head, to: &sink)
      read += page
    }
    return count
  }
}
