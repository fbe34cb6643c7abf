internal import BinaryCoding

/// From text to entries: structure, literals and numbers.
extension JSONDocument {
  mutating func scanDocument(_ input: Span<UInt8>) throws(JSONFault) {
    skipSpace(input)
    try scanValue(input, depth: 0)
    skipSpace(input)
    guard position == input.count else { throw JSONFault(.trailingBytes, at: position) }
  }

  /// Reads the value at `position`, which is not white space.
  private mutating func scanValue(_ input: Span<UInt8>, depth: Int) throws(JSONFault) {
    guard position < input.count else { throw JSONFault(.truncated, at: position) }
    switch input[position] {
    case UInt8(ascii: "\""):
      let range = try scanString(input)
      append(.string, range)
    case UInt8(ascii: "{"): try scanObject(input, depth: depth)
    case UInt8(ascii: "["): try scanArray(input, depth: depth)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let range = try scanNumber(input)
      append(.number, range)
    case UInt8(ascii: "t"): try scanLiteral(input, "true", .true)
    case UInt8(ascii: "f"): try scanLiteral(input, "false", .false)
    case UInt8(ascii: "n"): try scanLiteral(input, "null", .null)
    default: throw JSONFault(.unexpectedByte, at: position)
    }
  }

  private mutating func scanArray(_ input: Span<UInt8>, depth: Int) throws(JSONFault) {
    guard depth < Self.depthMax else { throw JSONFault(.tooDeep, at: position) }
    let index = entries.count
    append(.array, 0..<0)
    position += 1
    skipSpace(input)
    if !skip(UInt8(ascii: "]"), in: input) {
      repeat {
        skipSpace(input)
        try scanValue(input, depth: depth + 1)
        skipSpace(input)
      } while skip(UInt8(ascii: ","), in: input)
      try expect(UInt8(ascii: "]"), in: input)
    }
    entries[index].next = UInt32(entries.count)
  }

  private mutating func scanObject(_ input: Span<UInt8>, depth: Int) throws(JSONFault) {
    guard depth < Self.depthMax else { throw JSONFault(.tooDeep, at: position) }
    let index = entries.count
    let start = position
    let firstPending = pending.count
    append(.object, 0..<0)
    position += 1
    skipSpace(input)
    if !skip(UInt8(ascii: "}"), in: input) {
      repeat {
        skipSpace(input)
        try scanKey(input)
        try scanValue(input, depth: depth + 1)
        skipSpace(input)
      } while skip(UInt8(ascii: ","), in: input)
      try expect(UInt8(ascii: "}"), in: input)
    }
    let range = try closeMembers(from: firstPending, objectAt: start)
    entries[index].start = UInt32(range.lowerBound)
    entries[index].end = UInt32(range.upperBound)
    entries[index].next = UInt32(entries.count)
  }

  private mutating func scanKey(_ input: Span<UInt8>) throws(JSONFault) {
    guard position < input.count else { throw JSONFault(.truncated, at: position) }
    guard input[position] == UInt8(ascii: "\"") else {
      throw JSONFault(.unexpectedByte, at: position)
    }
    let range = try scanString(input)
    pending.append(Member(prefix: prefix(of: range), key: UInt32(entries.count)))
    append(.string, range)
    skipSpace(input)
    try expect(UInt8(ascii: ":"), in: input)
    skipSpace(input)
  }

  private mutating func scanLiteral(
    _ input: Span<UInt8>, _ word: StaticString, _ kind: Kind
  ) throws(JSONFault) {
    let end = min(position + word.utf8CodeUnitCount, input.count)
    guard input.extracting(position..<end).isEqual(to: word) else {
      throw literalFault(input, word)
    }
    position = end
    append(kind, 0..<0)
  }

  /// What is wrong with the literal at `position` that should be `word`.
  private func literalFault(_ input: Span<UInt8>, _ word: StaticString) -> JSONFault {
    var index = position
    for byte in word.description.utf8 {
      guard index < input.count else { return JSONFault(.truncated, at: index) }
      guard input[index] == byte else { break }
      index += 1
    }
    return JSONFault(.unexpectedByte, at: index)
  }

  /// Checks the grammar of the number at `position`; its value is read when asked for.
  private mutating func scanNumber(_ input: Span<UInt8>) throws(JSONFault) -> Range<Int> {
    let start = position
    _ = skip(UInt8(ascii: "-"), in: input)
    let leadsWithZero = position < input.count && input[position] == UInt8(ascii: "0")
    let wholeDigits = skipDigits(input)
    guard wholeDigits > 0, !leadsWithZero || wholeDigits == 1 else {
      throw JSONFault(.malformedNumber, at: start)
    }
    if skip(UInt8(ascii: "."), in: input), skipDigits(input) == 0 {
      throw JSONFault(.malformedNumber, at: start)
    }
    if skip(UInt8(ascii: "e"), in: input) || skip(UInt8(ascii: "E"), in: input) {
      if !skip(UInt8(ascii: "-"), in: input) { _ = skip(UInt8(ascii: "+"), in: input) }
      guard skipDigits(input) > 0 else { throw JSONFault(.malformedNumber, at: start) }
    }
    return start..<position
  }

  private mutating func skipDigits(_ input: Span<UInt8>) -> Int {
    let start = position
    while position < input.count, input[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  private mutating func append(_ kind: Kind, _ range: Range<Int>) {
    entries.append(
      Entry(
        kind: kind, start: UInt32(range.lowerBound), end: UInt32(range.upperBound),
        next: UInt32(entries.count) + 1))
  }

  private mutating func skipSpace(_ input: Span<UInt8>) {
    while position < input.count {
      switch input[position] {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func skip(_ byte: UInt8, in input: Span<UInt8>) -> Bool {
    guard position < input.count, input[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, in input: Span<UInt8>) throws(JSONFault) {
    guard position < input.count else { throw JSONFault(.truncated, at: position) }
    guard input[position] == byte else { throw JSONFault(.unexpectedByte, at: position) }
    position += 1
  }
}
