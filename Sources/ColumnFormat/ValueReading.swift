internal import BinaryCoding

extension StreamUnpacker {
  /// Reads `count` texts by the forms of a column.
  ///
  /// - Parameters:
  ///   - reader: Stands at the first stream.
  ///   - count: How many, bounded by the caller.
  ///   - forms: The column's forms.
  ///   - head: What the column's leaves begin with.
  ///   - sink: Where the leaves go, in order.
  /// - Throws: ``ColumnFault`` if they break a rule of the format.
  mutating func texts(
    _ reader: inout SpanReader, count: Int, forms: [TextForm], head: LeafHead,
    to sink: inout LeafSink
  ) throws(ColumnFault) {
    guard count > 0 else { return }
    var counts = [Int](repeating: 0, count: forms.count + 1)
    var numbers: [Int64] = []
    if forms.isEmpty {
      counts[0] = count
    } else {
      numbers = try integers(&reader, count: count)
      for number in numbers {
        try require(0...Int64(forms.count) ~= number, "form of a text")
        counts[Int(number)] += 1
      }
    }
    let lengths = try integers(&reader, count: counts[0])
    var total = 0
    for length in lengths {
      try require(0...Int64(ColumnLimits.recordBytesMax) ~= length, "length of a text")
      total += Int(length)
    }
    try require(total <= ColumnLimits.bytesMax, "bytes of texts")
    let others = lengths.isEmpty ? [] : try unpack(&reader, count: total)
    var sources: [FormSource] = []
    for (index, form) in forms.enumerated() {
      sources.append(try source(&reader, form: form, count: counts[index + 1]))
    }
    if forms.count == 1, counts[0] == 0 {
      return try sources[0].addAll(count, head: head, to: &sink)
    }
    var merge = TextMerge(others: others, lengths: lengths, sources: sources)
    if numbers.isEmpty {
      for _ in 0..<count { try merge.addOther(head, to: &sink) }
    }
    for number in numbers { try merge.add(Int(number), head, to: &sink) }
  }

  private mutating func source(
    _ reader: inout SpanReader, form: TextForm, count: Int
  ) throws(ColumnFault) -> FormSource {
    var source = FormSource(form: form)
    guard count > 0 else { return source }
    if form.isInteger {
      source.integers = try integers(&reader, count: count)
      for value in source.integers { try require(form.holds(value), "integer of a form") }
    } else if form.isWide {
      let width = form.wideBits.upper + form.wideBits.lower
      source.bytes = [UInt8](
        copying: reader.bytes, try reader.range(packedByteCount(count, width: width)))
    } else {
      source.bytes = try unpack(&reader, count: count * Int(form.width))
    }
    return source
  }
}

/// The values of one form, read one after another.
private struct FormSource {
  let form: TextForm
  var integers: [Int64] = []
  var bytes: [UInt8] = []
  private var next = 0

  init(form: TextForm) { self.form = form }

  /// Adds the next value; there is one.
  mutating func add(_ head: LeafHead, to sink: inout LeafSink) throws(ColumnFault) {
    if form.isInteger {
      try sink.add(integer: integers[next], form: form, head)
    } else if form.isWide {
      let (upper, lower) = form.wideBits
      let start = next * (upper + lower)
      try sink.add(
        upper: bytes.span.bits(at: start, width: upper),
        lower: bytes.span.bits(at: start + upper, width: lower), form: form, head)
    } else {
      let width = Int(form.width)
      try sink.add(
        hex: bytes.span.extracting(next * width..<(next + 1) * width), prefix: form.prefix, head)
    }
    next += 1
  }

  mutating func addAll(
    _ count: Int, head: LeafHead, to sink: inout LeafSink
  ) throws(ColumnFault) {
    for _ in 0..<count { try add(head, to: &sink) }
  }
}

/// Puts the texts of several forms back in order.
private struct TextMerge {
  let others: [UInt8]
  let lengths: [Int64]
  var sources: [FormSource]
  private var next = 0
  private var offset = 0

  init(others: [UInt8], lengths: [Int64], sources: [FormSource]) {
    self.others = others
    self.lengths = lengths
    self.sources = sources
  }

  mutating func addOther(_ head: LeafHead, to sink: inout LeafSink) throws(ColumnFault) {
    let end = offset + Int(lengths[next])
    try sink.add(text: others.span.extracting(offset..<end), head)
    offset = end
    next += 1
  }

  mutating func add(
    _ number: Int, _ head: LeafHead, to sink: inout LeafSink
  ) throws(ColumnFault) {
    if number == 0 { return try addOther(head, to: &sink) }
    try sources[number - 1].add(head, to: &sink)
  }
}
