internal import BinaryCoding

// values := booleans, lengths, elements:  ints
//         | amounts: ints of the scaled coefficients (scale written: of the coefficients, then
//                    ints of the scales)
//         | texts:   ints of the forms, 0 other, if the plan has any; then of each form in order,
//                    other first: other       ints of the lengths, bytes of all
//                                 i, w, t     ints
//                                 u, U, q     upper bits, lower bits of each, packed
//                                 h           bytes of all

/// The text of a leaf: what is behind its tag, its length and an identifier's kind.
func textRange(
  of leaf: Place, kind: ColumnKind, prefixCount: Int, in records: Span<UInt8>
) -> Range<Int> {
  switch kind {
  case .value: return leaf.range
  case .commitment: return leaf.offset + 1..<leaf.offset + leaf.count
  default:
    var start = leaf.offset + 1
    while records[start] >= 0x80 { start += 1 }
    return start + 1 + prefixCount..<leaf.offset + leaf.count
  }
}

extension StreamPacker {
  /// Writes amounts by a plan.
  mutating func write(_ amounts: [Amount], plan: ColumnPlan, to writer: inout ByteWriter)
    throws(ColumnFault)
  {
    guard plan.scale != .written else {
      try write(amounts.map(\.coefficient), to: &writer)
      return try write(amounts.map { Int64($0.scale) }, to: &writer)
    }
    var values: [Int64] = []
    values.reserveCapacity(amounts.count)
    for amount in amounts { values.append(amount.scaled(to: plan.places) ?? 0) }
    try write(values, to: &writer)
  }

  /// Writes texts by the forms of a column.
  ///
  /// - Parameters:
  ///   - texts: Where each lies in `records`.
  ///   - records: The segment's records.
  ///   - forms: The column's forms.
  ///   - isSmall: Whether to take more time.
  ///   - writer: Where the streams go.
  /// - Throws: ``ColumnFault/compression(_:)``.
  mutating func write(
    texts: [Range<Int>], in records: Span<UInt8>, forms: [TextForm], small isSmall: Bool = false,
    to writer: inout ByteWriter
  ) throws(ColumnFault) {
    guard !texts.isEmpty else { return }
    var sorted = SortedTexts(formCount: forms.count)
    for text in texts { sorted.add(records.extracting(text), forms: forms) }
    if !forms.isEmpty { try write(sorted.numbers, to: &writer) }
    if !sorted.lengths.isEmpty {
      try write(sorted.lengths, to: &writer)
      let others = sorted.others.bytes
      writer.write(try pack(others.span, small: isSmall))
    }
    for (index, form) in forms.enumerated() {
      if form.isInteger {
        try write(sorted.integers[index], to: &writer)
      } else if form.isWide {
        writer.write(sorted.bits[index].finish())
      } else if sorted.bytes[index].count > 0 {
        let bytes = sorted.bytes[index].bytes
        writer.write(try pack(bytes.span))
      }
    }
  }
}

/// Texts, each with those of its form.
private struct SortedTexts {
  var numbers: [Int64] = []
  var lengths: [Int64] = []
  var others = ByteWriter()
  var integers: [[Int64]]
  var bits: [BitWriter]
  var bytes: [ByteWriter]
  private var last = 0

  init(formCount: Int) {
    integers = Array(repeating: [], count: formCount)
    bits = Array(repeating: BitWriter(), count: formCount)
    bytes = Array(repeating: ByteWriter(), count: formCount)
  }

  mutating func add(_ text: Span<UInt8>, forms: [TextForm]) {
    // Texts of a form tend to follow one another.
    if last < forms.count, add(text, forms[last], at: last) { return }
    for index in forms.indices where index != last {
      if add(text, forms[index], at: index) {
        last = index
        return
      }
    }
    if !forms.isEmpty { numbers.append(0) }
    lengths.append(Int64(text.count))
    others.write(text)
  }

  private mutating func add(_ text: Span<UInt8>, _ form: TextForm, at index: Int) -> Bool {
    guard let value = form.value(of: text) else { return false }
    numbers.append(Int64(index + 1))
    if form.isInteger {
      integers[index].append(Int64(bitPattern: value.lower))
    } else if form.isWide {
      bits[index].write(value.upper, width: form.wideBits.upper)
      bits[index].write(value.lower, width: form.wideBits.lower)
    } else {
      for digit in stride(from: form.prefix.count, to: text.count, by: 2) {
        bytes[index].write(TextForm.digit(text[digit]) &<< 4 | TextForm.digit(text[digit + 1]))
      }
    }
    return true
  }
}
