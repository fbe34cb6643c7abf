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
    // Only the texts that the sink keeps are made at all.
    let kept = sink.window.clamped(to: 0..<count)
    sink.keepOnly(0..<Int.max)
    if forms.count == 1, counts[0] == 0 {
      sources[0].skip(kept.lowerBound)
      for _ in kept { try sources[0].add(head, to: &sink) }
      return
    }
    var merge = TextMerge(others: others, lengths: lengths, sources: sources)
    guard !numbers.isEmpty else {
      for _ in 0..<kept.lowerBound { merge.skip(0) }
      for _ in kept { try merge.add(0, head, to: &sink) }
      return
    }
    for number in numbers[..<kept.lowerBound] { merge.skip(Int(number)) }
    for number in numbers[kept] { try merge.add(Int(number), head, to: &sink) }
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

  /// Passes over values; there are so many.
  mutating func skip(_ count: Int) { next += count }
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

  /// Passes over the next text, of a form or, with 0, of none.
  mutating func skip(_ number: Int) {
    guard number == 0 else { return sources[number - 1].skip(1) }
    offset += Int(lengths[next])
    next += 1
  }

  /// Adds the next text.
  mutating func add(
    _ number: Int, _ head: LeafHead, to sink: inout LeafSink
  ) throws(ColumnFault) {
    guard number == 0 else { return try sources[number - 1].add(head, to: &sink) }
    let end = offset + Int(lengths[next])
    try sink.add(text: others.span.extracting(offset..<end), head)
    offset = end
    next += 1
  }
}
