internal import BinaryCoding

extension BlockReader {
  /// Reads the leaves of a column whose key has been read.
  mutating func readLeaves(_ column: Int, count: Int) throws(ColumnFault) {
    var start = sink.places.count
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let table = tables.shapes.columns[column]
    if count > 0 {
      let flags =
        table.plan.predictor == .none ? [] : try unpacker.flags(&reader, count: count)
      let kept = flags.isEmpty ? count : flags.count { $0 == 0 }
      switch table.plan.store {
      case .constant:
        let leaf = tables.entries.places[Int(table.constant)] | LeafSink.isEntry
        sink.places.append(contentsOf: repeatElement(leaf, count: count))
      case .values, .words:
        if table.plan.store == .values {
          try unpacker.leaves(
            &reader, count: kept, of: table.place, plan: table.plan, head: table.head, to: &sink)
        } else {
          guard let words = table.words else { throw .bounds("words") }
          try unpacker.words(&reader, count: kept, table: words, head: table.head, to: &sink)
        }
        if !flags.isEmpty {
          start = sink.places.count
          try merge(column, flags, stored: start - kept)
        }
      case .dictionary: try readNumbers(column, &reader, flags: flags, count: count, kept: kept)
      case .ranks: try readKeys(column, &reader, count: count)
      }
    }
    try reader.expectEnd()
    starts[column] = start
  }

  mutating func readKeys(
    _ column: Int, _ reader: inout SpanReader, count: Int
  ) throws(ColumnFault) {
    guard let keys = tables.keys else { throw .bounds("keys") }
    let head = tables.shapes.columns[column].head
    for rank in try unpacker.integers(&reader, count: count) {
      try require(0..<Int64(keys.count) ~= rank, "rank of a key")
      let key = keys.keys[Int(rank)]
      try sink.add(upper: key.upper, lower: key.lower, form: keys.form, head)
    }
  }

  /// The integers that each row has in a field of section 0; nothing for rows without one, an empty
  /// array if none has one.
  mutating func amounts(ofFact path: [UInt8]) throws(ColumnFault) -> [Int64?] {
    let place = ColumnPlace(scope: 0, section: 0, path: path, kind: .amount)
    guard let column = tables.shapes.columns.firstIndex(where: { $0.place == place }) else {
      return []
    }
    let table = tables.shapes.columns[column]
    let count = try leafCount(column)
    guard count > 0 else { return [] }
    var amounts: [Amount]
    if table.plan.store == .values, table.plan.predictor == .none {
      let bytes = parts[0]
      var reader = SpanReader(bytes.span.extracting(stream(ofColumn: column).range))
      amounts = try unpacker.amounts(&reader, count: count, plan: table.plan)
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

  /// The ranks of a column of keys, one a leaf.
  mutating func ranks(_ column: Int) throws(ColumnFault) -> [Int64] {
    let count = try leafCount(column)
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let ranks = try unpacker.integers(&reader, count: count)
    try reader.expectEnd()
    for rank in ranks {
      try require(0..<Int64(tables.keys?.count ?? 0) ~= rank, "rank of a key")
    }
    return ranks
  }

  /// The places that leaves are predicted from, one for each of the column's, or none.
  func keys(_ key: Int, of column: TableColumn, count: Int) -> [Int32] {
    alignment(
      symbols[column.place.scope], perShape: column.perShape,
      keyPerShape: tables.shapes.columns[key].perShape, count: count)
  }

  /// Puts stored and predicted leaves in order.
  mutating func merge(
    _ column: Int, _ flags: [UInt8], stored: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    let start = sink.places.count
    var next = stored
    guard case .affix(let key, let prefix, let suffix) = table.plan.predictor else {
      for flag in flags {
        try require(flag == 0 || sink.places.count > start, "first leaf without one before it")
        sink.places.append(sink.places[flag == 0 ? next : sink.places.count - 1])
        next += flag == 0 ? 1 : 0
      }
      return
    }
    let keys = keys(key, of: table, count: flags.count)
    let other = tables.shapes.columns[key].head
    let isSame = prefix.isEmpty && suffix.isEmpty && other == table.head
    // As they are now: the key's leaves are read, and what is added goes behind them.
    let (leaves, entries) = (sink.bytes, tables.entries.bytes)
    for (flag, at) in zip(flags, keys) {
      guard flag == 1 else {
        sink.places.append(sink.places[next])
        next += 1
        continue
      }
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
    _ column: Int, _ reader: inout SpanReader, flags: [UInt8], count: Int, kept: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    var ages = NumberAges(next: try reader.count(max: table.entryCount))
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
    var found: [Int64] = []
    found.reserveCapacity(count)
    var next = 0
    for index in 0..<count {
      var number: Int64
      if flags.isEmpty || flags[index] == 0 {
        number = ages.number(ofAge: stored[next], count: table.entryCount)
        next &+= 1
      } else {
        number = prediction.number(at: index, last: found.last)
        ages.see(number)
      }
      try require(number >= 0, "number of a dictionary's entry")
      found.append(number)
      sink.places.append(
        tables.entries.places[table.entryStart &+ Int(number)] | LeafSink.isEntry)
    }
    numbers[column] = found
  }
}

/// What the numbers of a column are predicted by: a map, or the number before.
private struct NumberPrediction {
  var keys: [Int32] = []
  var numbers: [Int64] = []
  var map: [UInt32] = []

  /// The predicted number, or -1 if there is none.
  func number(at index: Int, last: Int64?) -> Int64 {
    guard !keys.isEmpty else { return last ?? -1 }
    guard keys[index] >= 0 else { return -1 }
    return Int64(map[Int(numbers[Int(keys[index])])]) - 1
  }
}
