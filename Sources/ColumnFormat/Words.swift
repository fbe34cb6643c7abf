internal import BinaryCoding

// words := word count varint, ints of the lengths, bytes of all          the table
// texts := code byte count varint, bytes of the codes, ints of the literals' lengths,
//          bytes of the literals
// code  := 0 the text ends | 1 the next literal | 2…191 word − 2
//        | 192…247, u8   the next 56 × 256 words | 248…255, u8, u8   the next 8 × 65,536
//
// A text is cut into words: a space or none, then letters, bytes from 128 on and apostrophes; a space
// or none, then digits; any other byte by itself. Words that at least three leaves use are in the
// table, those that most use first.

/// The codes of words.
enum WordCode {
  static let end: UInt8 = 0
  static let literal: UInt8 = 1
  static let firstShort = 2
  static let firstMiddle = 192
  static let firstLong = 248
  static let middleStart = firstMiddle - firstShort
  static let longStart = middleStart + (firstLong - firstMiddle) * 256
  static let wordsMax = longStart + 8 * 65_536

  /// Writes the code of a word.
  static func write(_ word: Int, to writer: inout ByteWriter) {
    if word < middleStart {
      writer.write(UInt8(word + firstShort))
    } else if word < longStart {
      writer.write(UInt8(firstMiddle + (word - middleStart) / 256))
      writer.write(UInt8(truncatingIfNeeded: word - middleStart))
    } else {
      writer.write(UInt8(firstLong + (word - longStart) / 65_536))
      writer.write(UInt8(truncatingIfNeeded: (word - longStart) >> 8))
      writer.write(UInt8(truncatingIfNeeded: word - longStart))
    }
  }
}

/// Where the word that begins at `start` ends.
func wordEnd(_ text: Span<UInt8>, from start: Int) -> Int {
  var end = start
  if text[end] == UInt8(ascii: " "), end + 1 < text.count, wordClass(text[end + 1]) > 0 { end += 1 }
  let kind = wordClass(text[end])
  end += 1
  while kind > 0, end < text.count, wordClass(text[end]) == kind { end += 1 }
  return end
}

/// 1 for what words are made of, 2 for digits, 0 for all else.
@inline(__always)
private func wordClass(_ byte: UInt8) -> UInt8 {
  if (byte | 0x20) &- UInt8(ascii: "a") < 26 { return 1 }
  if byte >= 0x80 || byte == UInt8(ascii: "'") { return 1 }
  return byte &- UInt8(ascii: "0") < 10 ? 2 : 0
}

/// The words of a column, while a segment is written.
struct WordList {
  private var interner = Interner()
  /// How many leaves use each word, and the last one that does.
  private var uses: [(count: UInt32, leaf: Int32)] = []
  /// Each word's place in the table, or -1.
  private var ranks: [Int32] = []
  /// The table: where its words lie.
  private(set) var words: [UInt64] = []

  /// Fewer leaves than this use a word that is not in the table.
  private static let usesMin = 3

  /// Lists the words of a column's texts.
  init(_ column: LeafColumn, in records: Span<UInt8>) {
    for index in column.leaves.indices {
      let range = column.text(index, in: records, prefixCount: 0)
      let text = records.extracting(range)
      var start = 0
      while start < text.count, interner.entries.count < WordCode.wordsMax {
        let end = wordEnd(text, from: start)
        let place = Place(range.lowerBound + start, end - start).rawValue
        let word = Int(interner.number(of: place, in: records))
        if word == uses.count { uses.append((0, -1)) }
        if uses[word].leaf != Int32(index) { uses[word] = (uses[word].count + 1, Int32(index)) }
        start = end
      }
    }
    let listed = uses.indices.filter { uses[$0].count >= Self.usesMin }
      .sorted { uses[$0].count != uses[$1].count ? uses[$0].count > uses[$1].count : $0 < $1 }
    ranks = [Int32](repeating: -1, count: uses.count)
    for (rank, word) in listed.enumerated() {
      ranks[word] = Int32(rank)
      words.append(interner.entries[word])
    }
  }

  /// The place of a word in the table, or -1.
  func rank(of word: UInt64, in records: Span<UInt8>) -> Int {
    guard let number = interner.existing(word, in: records) else { return -1 }
    return Int(ranks[number])
  }
}

extension StreamPacker {
  /// The table of a column's words.
  mutating func words(_ list: WordList, in records: Span<UInt8>) throws(ColumnFault) -> [UInt8] {
    var lengths: [Int64] = []
    var bytes = ByteWriter()
    for word in list.words {
      let range = Place(rawValue: word).range
      lengths.append(Int64(range.count))
      bytes.write(records.extracting(range))
    }
    var writer = ByteWriter()
    writer.writeVarint(UInt64(lengths.count))
    try write(lengths, to: &writer)
    let all = bytes.bytes
    if !lengths.isEmpty { writer.write(try pack(all.span, small: true)) }
    return writer.bytes
  }

  /// Writes texts as words.
  mutating func write(
    wordsOf leaves: ArraySlice<UInt64>, list: WordList, in records: Span<UInt8>,
    to writer: inout ByteWriter
  ) throws(ColumnFault) {
    var codes = ByteWriter()
    var lengths: [Int64] = []
    var literals = ByteWriter()
    for leaf in leaves {
      let range = textRange(
        of: Place(rawValue: leaf), kind: .text, prefixCount: 0, in: records)
      let text = records.extracting(range)
      var start = 0
      while start < text.count {
        let end = wordEnd(text, from: start)
        let rank = list.rank(
          of: Place(range.lowerBound + start, end - start).rawValue, in: records)
        if rank >= 0 {
          WordCode.write(rank, to: &codes)
        } else {
          codes.write(WordCode.literal)
          lengths.append(Int64(end - start))
          literals.write(text.extracting(start..<end))
        }
        start = end
      }
      codes.write(WordCode.end)
    }
    let (codeBytes, literalBytes) = (codes.bytes, literals.bytes)
    writer.writeVarint(UInt64(codeBytes.count))
    writer.write(try pack(codeBytes.span, small: true))
    try write(lengths, to: &writer)
    if !lengths.isEmpty { writer.write(try pack(literalBytes.span)) }
  }
}

/// The words of a column, as its readers know them.
struct WordTable: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where each word begins, and the end.
  private(set) var starts: [Int] = [0]

  init(
    from reader: inout SpanReader, unpacker: inout StreamUnpacker
  ) throws(ColumnFault) {
    let count = try reader.count(max: WordCode.wordsMax)
    for length in try unpacker.integers(&reader, count: count) {
      try require(0...Int64(ColumnLimits.recordBytesMax) ~= length, "length of a word")
      starts.append(starts[starts.count - 1] + Int(length))
    }
    try require(starts[count] <= ColumnLimits.bytesMax, "bytes of words")
    if count > 0 { bytes = try unpacker.unpack(&reader, count: starts[count]) }
  }

  var count: Int { starts.count - 1 }

  /// About how many bytes of memory it takes.
  var byteCount: Int { bytes.count + 8 * starts.count }
}

extension StreamUnpacker {
  /// Reads `count` texts of words.
  mutating func words(
    _ reader: inout SpanReader, count: Int, table: WordTable, head: LeafHead,
    to sink: inout LeafSink
  ) throws(ColumnFault) {
    let codeCount = try reader.count(max: ColumnLimits.bytesMax)
    let codes = try unpack(&reader, count: codeCount)
    var literals = Literals()
    literals.lengths = try integers(&reader, count: try Self.literalCount(codes))
    var total = 0
    for length in literals.lengths {
      try require(0...Int64(ColumnLimits.recordBytesMax) ~= length, "length of a literal")
      total += Int(length)
    }
    try require(total <= ColumnLimits.bytesMax, "bytes of literals")
    if !literals.lengths.isEmpty { literals.bytes = try unpack(&reader, count: total) }
    var text = ByteWriter()
    var at = 0
    for _ in 0..<count {
      text.removeAll()
      let isKept = sink.keepsNext
      while true {
        try require(at < codes.count, "codes of words")
        let (word, size) = Self.word(codes.span, at: at)
        at += size
        if word == -1 { break }
        if word == -2 {
          let range = literals.next()
          if isKept { text.write(literals.bytes.span.extracting(range)) }
        } else {
          try require(word < table.count, "word")
          guard isKept else { continue }
          text.write(table.bytes.span.extracting(table.starts[word]..<table.starts[word + 1]))
        }
        try require(text.count <= ColumnLimits.recordBytesMax, "length of a text")
      }
      let whole = text.bytes
      try sink.add(text: whole.span, head)
    }
    try require(at == codes.count, "codes of words")
  }

  private struct Literals {
    var lengths: [Int64] = []
    var bytes: [UInt8] = []
    private var index = 0
    private var offset = 0

    /// Where the next literal lies; there is one for each code that asks for it.
    mutating func next() -> Range<Int> {
      let start = offset
      offset += Int(lengths[index])
      index += 1
      return start..<offset
    }
  }

  private static func literalCount(_ codes: [UInt8]) throws(ColumnFault) -> Int {
    var at = 0
    var count = 0
    while at < codes.count {
      let (word, size) = word(codes.span, at: at)
      if word == -2 { count += 1 }
      at += size
    }
    try require(at == codes.count, "codes of words")
    return count
  }

  /// The word of the code at `at`, -1 for the end of a text, -2 for a literal; and the code's bytes.
  @inline(__always)
  private static func word(_ codes: Span<UInt8>, at: Int) -> (word: Int, size: Int) {
    let first = Int(codes[at])
    if first < WordCode.firstMiddle { return (first < 2 ? -1 - first : first - 2, 1) }
    let second = at + 1 < codes.count ? Int(codes[at + 1]) : 0
    if first < WordCode.firstLong {
      return (WordCode.middleStart + (first - WordCode.firstMiddle) * 256 + second, 2)
    }
    let third = at + 2 < codes.count ? Int(codes[at + 2]) : 0
    return (WordCode.longStart + (first - WordCode.firstLong) * 65_536 + second * 256 + third, 3)
  }
}
