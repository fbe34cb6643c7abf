internal import BinaryCoding

extension BlockReader {
  /// Reads the leaves of a column whose key has been read.
  mutating func readLeaves(_ column: Int, count: Int) throws(ColumnFault) {
    let window = windows[column]
    starts[column] = sink.places.count - window.lowerBound
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let table = tables.shapes.columns[column]
    if count > 0 {
      let flags =
        table.plan.predictor == .none ? [] : try unpacker.flags(&reader, count: count)
      switch table.plan.store {
      case .constant:
        let leaf = tables.entries.places[Int(table.constant)] | LeafSink.isEntry
        sink.places.append(contentsOf: repeatElement(leaf, count: window.count))
      case .values, .words:
        let stored = try StoredLeaves(flags, window: window, count: count)
        sink.keepOnly(stored.window)
        let start = sink.places.count - stored.window.lowerBound
        try readStored(stored.count, of: table, &reader)
        if !flags.isEmpty { try merge(column, flags, from: start, at: stored.next) }
      case .dictionary: try readNumbers(column, &reader, flags: flags, count: count)
      }
    }
    try reader.expectEnd()
  }

  /// Reads leaves that are stored themselves, as values or words.
  private mutating func readStored(
    _ count: Int, of table: TableColumn, _ reader: inout SpanReader
  ) throws(ColumnFault) {
    guard table.plan.store == .words else {
      return try unpacker.leaves(
        &reader, count: count, of: table.place, plan: table.plan, head: table.head, to: &sink)
    }
    guard let words = table.words else { throw .bounds("words") }
    try unpacker.words(&reader, count: count, table: words, head: table.head, to: &sink)
  }

  /// When each row's event happened; nothing for rows that do not say, an empty array if none does.
  mutating func occurred() throws(ColumnFault) -> [Int64?] {
    guard
      let column = tables.shapes.columns.firstIndex(where: {
        $0.place == ColumnTables.occurredPlace
      })
    else { return [] }
    let table = tables.shapes.columns[column]
    let count = try leafCount(column)
    guard count > 0 else { return [] }
    var amounts: [Amount]
    if table.plan.store == .values, table.plan.predictor == .none {
      let bytes = parts[0]
      var reader = SpanReader(bytes.span.extracting(stream(ofColumn: column).range))
      amounts = try unpacker.amounts(
        &reader, count: count, plan: table.plan, only: 0..<count)
    } else {
      try read(column)
      amounts = []
      for place in sink.places[starts[column]..<starts[column] + count] {
        amounts.append(amount(of: place))
      }
    }
    var next = 0
    return symbols[0].map { symbol in
      guard symbol > 0, table.perShape[Int(symbol) &- 1] > 0 else { return nil }
      defer { next &+= Int(table.perShape[Int(symbol) &- 1]) }
      return amounts[next].scale == 0 ? amounts[next].coefficient : nil
    }
  }

  func amount(of place: UInt64) -> Amount {
    let bytes = place & LeafSink.isEntry != 0 ? tables.entries.bytes : sink.bytes
    return Amount(walked: Place(rawValue: place & ~LeafSink.isEntry), in: bytes.span)
  }

  /// The places that leaves are predicted from, one for each of the column's, or none.
  func keys(_ key: Int, of column: TableColumn, count: Int) -> [Int32] {
    alignment(
      symbols[column.place.scope][..<items[column.place.scope].upperBound],
      perShape: column.perShape,
      keyPerShape: tables.shapes.columns[key].perShape, count: count)
  }

  /// Puts stored and predicted leaves in order, those that are asked for.
  ///
  /// - Parameters:
  ///   - column: The column.
  ///   - flags: Which of its leaves are predicted.
  ///   - stored: Where its first stored leaf would lie among the places.
  ///   - next: Which of the stored leaves is the next one where those asked for begin.
  /// - Throws: ``ColumnFault`` if a leaf has nothing to be predicted by.
  private mutating func merge(
    _ column: Int, _ flags: [UInt8], from stored: Int, at next: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    let window = windows[column]
    var next = stored + next
    starts[column] = sink.places.count - window.lowerBound
    guard case .affix(let key, let prefix, let suffix) = table.plan.predictor else {
      for flag in flags[window] {
        if flag == 0 { next += 1 }
        try require(next > stored, "first leaf without one before it")
        sink.places.append(sink.places[next - 1])
      }
      return
    }
    let keys = keys(key, of: table, count: flags.count)
    let other = tables.shapes.columns[key].head
    let isSame = prefix.isEmpty && suffix.isEmpty && other == table.head
    // As they are now: the key's leaves are read, and what is added goes behind them.
    let (leaves, entries) = (sink.bytes, tables.entries.bytes)
    sink.keepOnly(0..<Int.max)
    for index in window {
      guard flags[index] == 1 else {
        sink.places.append(sink.places[next])
        next += 1
        continue
      }
      let at = keys[index]
      try require(at >= 0, "leaf without its key")
      let place = sink.places[starts[key] + Int(at)]
      if isSame {
        sink.places.append(place)
      } else {
        let leaf = Place(rawValue: place & ~LeafSink.isEntry)
        let bytes = place & LeafSink.isEntry != 0 ? entries.span : leaves.span
        let range = textRange(
          of: leaf, kind: other.kind, prefixCount: other.prefix.count, in: bytes)
        try sink.add(
          text: bytes.extracting(range), before: prefix, behind: suffix, table.head)
      }
    }
  }

  mutating func readNumbers(
    _ column: Int, _ reader: inout SpanReader, flags: [UInt8], count: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    let kept = flags.isEmpty ? count : flags.count { $0 == 0 }
    let firstUse = try reader.count(max: table.entryCount)
    var ages = NumberAges(next: firstUse)
    let stored = try unpacker.integers(&reader, count: kept)
    var prediction = NumberPrediction()
    switch table.plan.predictor {
    case .map(let key):
      prediction.keys = keys(key, of: table, count: count)
      prediction.numbers = numbers[key]
      prediction.map = table.map
    case .affix: throw .bounds("affix of a dictionary's numbers")
    case .none, .previous: break
    }
    // What comes behind the leaves asked for is of no use to other columns either.
    let end = windows[column].upperBound
    var found = [Int64](repeating: 0, count: end)
    var isKnown = true
    if flags.isEmpty {
      for index in 0..<end {
        found[index] = ages.number(ofAge: stored[index], count: table.entryCount)
        isKnown = isKnown && found[index] >= 0
      }
    } else {
      var next = 0
      for index in 0..<end {
        if flags[index] == 0 {
          found[index] = ages.number(ofAge: stored[next], count: table.entryCount)
          next &+= 1
        } else {
          found[index] = prediction.number(at: index, last: index > 0 ? found[index &- 1] : -1)
          ages.see(found[index])
        }
        isKnown = isKnown && found[index] >= 0
      }
    }
    try require(isKnown, "number of a dictionary's entry")
    numbers[column] = found
    firstUses[column] = firstUse..<Int(ages.next)
    guard takesEntries else { return }
    guard table.isExpanded else {
      guard let pages = table.pages else { throw .bounds("dictionary of a column") }
      for number in found[windows[column]] {
        try pages.add(Int(number)..<Int(number) + 1, of: table, by: &unpacker, to: &sink)
      }
      return
    }
    for number in found[windows[column]] {
      sink.places.append(
        tables.entries.places[table.entryStart &+ Int(number)] | LeafSink.isEntry)
    }
  }
}

/// Which of a column's stored leaves those asked for come from.
private struct StoredLeaves {
  /// How many there are.
  let count: Int
  /// The stored ones that are needed.
  let window: Range<Int>
  /// The stored one that comes next where those asked for begin.
  let next: Int

  /// Counts flags; a leaf that is predicted by the one before it needs the last stored one.
  init(_ flags: [UInt8], window: Range<Int>, count: Int) throws(ColumnFault) {
    guard !flags.isEmpty else {
      self.count = count
      self.window = window
      next = window.lowerBound
      return
    }
    var stored = 0
    for flag in flags[..<window.lowerBound] where flag == 0 { stored += 1 }
    next = stored
    for flag in flags[window] where flag == 0 { stored += 1 }
    self.window = max(0, next - 1)..<stored
    for flag in flags[window.upperBound...] where flag == 0 { stored += 1 }
    self.count = stored
  }
}

/// What the numbers of a column are predicted by: a map, or the number before.
private struct NumberPrediction {
  var keys: [Int32] = []
  var numbers: [Int64] = []
  var map: [UInt32] = []

  /// The predicted number, or -1 if there is none.
  func number(at index: Int, last: Int64) -> Int64 {
    guard !keys.isEmpty else { return last }
    guard keys[index] >= 0 else { return -1 }
    return Int64(map[Int(numbers[Int(keys[index])])]) - 1
  }
}
