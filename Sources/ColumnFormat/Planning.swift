internal import BinaryCoding

extension BlockWriter {
  /// Plans how each column is stored.
  mutating func plan(_ leaves: inout SegmentLeaves) throws(ColumnFault) {
    var costs: [Int] = []
    for column in leaves.columns.indices {
      leaves.columns[column].planLeaves(in: leaves.records)
      costs.append(try planStore(column, &leaves))
    }
    let dear = costs.indices.filter { costs[$0] > leaves.rowCount / 128 + 64 }
      .sorted { costs[$0] != costs[$1] ? costs[$0] > costs[$1] : $0 < $1 }
    for column in dear {
      try planPredictor(column, &leaves, cost: &costs[column])
    }
  }

  /// Decides between a dictionary and the leaves themselves by writing some blocks both ways.
  ///
  /// - Returns: How many bytes the column takes.
  private mutating func planStore(
    _ column: Int, _ leaves: inout SegmentLeaves
  ) throws(ColumnFault) -> Int {
    guard leaves.columns[column].plan.store == .values else { return 0 }
    let isListed = leaves.columns[column].place.kind == .identifier
    let direct = isListed ? Int.max : try cost(column, leaves)
    var best = direct
    if !leaves.columns[column].numbers.isEmpty {
      let table = try packer.dictionary(of: leaves.columns[column], in: leaves.records.span)
      try keep(.dictionary, tableByteCount: table.count, column, &leaves, cost: &best)
    }
    if !isListed, leaves.columns[column].isProse(in: leaves.records.span) {
      let words = WordList(leaves.columns[column], in: leaves.records.span)
      let table = try packer.words(words, in: leaves.records.span)
      leaves.columns[column].words = words
      try keep(.words, tableByteCount: table.count, column, &leaves, cost: &best)
      if leaves.columns[column].plan.store != .words { leaves.columns[column].words = nil }
    }
    return best
  }

  /// Gives a column a store if it takes fewer bytes in that.
  private mutating func keep(
    _ store: ColumnPlan.Store, tableByteCount: Int, _ column: Int, _ leaves: inout SegmentLeaves,
    cost best: inout Int
  ) throws(ColumnFault) {
    let before = (leaves.columns[column].plan.store, leaves.columns[column].tableByteCount)
    leaves.columns[column].plan.store = store
    leaves.columns[column].tableByteCount = tableByteCount
    let found = try cost(column, leaves)
    if found < best {
      best = found
    } else {
      (leaves.columns[column].plan.store, leaves.columns[column].tableByteCount) = before
    }
  }

  /// How many bytes a column takes, judged by some blocks.
  private mutating func cost(
    _ index: Int, _ leaves: borrowing SegmentLeaves
  ) throws(ColumnFault) -> Int {
    let column = leaves.columns[index]
    guard column.plan.store != .constant else { return 0 }
    var byteCount = 0
    var seen = 0
    for block in column.sampleBlocks(4) {
      byteCount += try stream(ofColumn: index, block: block, leaves).count + 3
      seen += column.range(ofBlock: block).count
    }
    var tables = column.tableByteCount
    if case .map = column.plan.predictor {
      var map = ByteWriter()
      try packer.write(column.mapAges, to: &map)
      tables += map.count
    }
    return tables + byteCount * column.leaves.count / max(1, seen)
  }

  /// Looks for what predicts a column, and keeps it if that takes fewer bytes.
  private mutating func planPredictor(
    _ column: Int, _ leaves: inout SegmentLeaves, cost best: inout Int
  ) throws(ColumnFault) {
    guard leaves.columns[column].place.kind != .boolean,
      !leaves.columns[column].place.kind.isCount
    else { return }
    let plan = leaves.columns[column].plan
    let tableByteCount = leaves.columns[column].tableByteCount
    var kept = (plan: plan, map: [UInt32](), tableByteCount: tableByteCount)
    var candidates: [ColumnPlan.Predictor] = [.previous]
    if !leaves.isKey(column), leaves.columns[column].place.kind == .text {
      candidates += leaves.affixes(ofColumn: column)
    }
    candidates += leaves.maps(ofColumn: column)
    for candidate in candidates {
      leaves.columns[column].plan = plan
      leaves.columns[column].tableByteCount = tableByteCount
      leaves.columns[column].plan.predictor = candidate
      if case .map(let key) = candidate {
        leaves.vote(column, key: key)
        if leaves.columns[column].plan.store != .dictionary {
          leaves.columns[column].plan.store = .dictionary
          leaves.columns[column].tableByteCount =
            try packer.dictionary(of: leaves.columns[column], in: leaves.records.span).count
        }
      } else if case .affix = candidate, leaves.columns[column].plan.store == .dictionary {
        leaves.columns[column].plan.store = .values
        leaves.columns[column].tableByteCount = 0
      }
      let found = try cost(column, leaves)
      guard found + 64 < best else { continue }
      best = found
      let tried = leaves.columns[column]
      kept = (tried.plan, tried.map, tried.tableByteCount)
    }
    leaves.columns[column].plan = kept.plan
    leaves.columns[column].map = kept.map
    leaves.columns[column].tableByteCount = kept.tableByteCount
  }
}

extension SegmentLeaves {
  /// The columns that may predict a column: in its scope, never persons for facts, not waiting for
  /// it, and there wherever it is, but for one row in fifty.
  private func keys(ofColumn index: Int) -> [Int] {
    let column = columns[index]
    guard !column.leaves.isEmpty else { return [] }
    return columns.indices.filter { key in
      let other = columns[key]
      return key != index && other.place.scope == column.place.scope
        && (column.place.part == .persons || other.place.part == .facts)
        && other.plan.store != .constant
        && !waits(key, for: index) && isBeside(other, column)
    }
  }

  /// Whether a map goes by the numbers of a column.
  func isKey(_ index: Int) -> Bool {
    columns.contains { $0.plan.predictor == .map(key: index) }
  }

  private func waits(_ key: Int, for index: Int) -> Bool {
    var at = key
    while let next = columns[at].plan.predictor.key {
      if next == index { return true }
      at = next
    }
    return false
  }

  private func isBeside(_ key: LeafColumn, _ column: LeafColumn) -> Bool {
    var together = 0
    var total = 0
    for block in column.sampleBlocks(4) {
      for symbol in symbols(ofScope: column.place.scope, block: block) where symbol > 0 {
        let count = Int(column.perShape[Int(symbol) - 1])
        total += count
        if key.perShape[Int(symbol) - 1] > 0 { together += count }
      }
    }
    return together * 50 >= total * 49
  }

  /// Maps that seem worth trying, the two best.
  func maps(ofColumn index: Int) -> [ColumnPlan.Predictor] {
    let column = columns[index]
    guard !column.numbers.isEmpty else { return [] }
    var found: [(key: Int, gain: Int)] = []
    for key in keys(ofColumn: index) where columns[key].plan.store == .dictionary {
      let gain = repeatedHits(index, key: key)
      if gain > 0 { found.append((key, gain)) }
    }
    found.sort { $0.gain != $1.gain ? $0.gain > $1.gain : $0.key < $1.key }
    return found.prefix(2).map { .map(key: $0.key) }
  }

  /// How often, in some blocks, a leaf is the one last seen beside the same entry of a key; nothing
  /// if that is less than two of five times that the entry was seen before.
  private func repeatedHits(_ index: Int, key: Int) -> Int {
    let (column, other) = (columns[index], columns[key])
    var last = [UInt32](repeating: 0, count: other.entries.count)
    var repeats = 0
    var hits = 0
    for block in column.sampleBlocks(8) {
      let start = other.range(ofBlock: block).lowerBound
      let keys = keys(key, ofColumn: index, block: block)
      for (leaf, at) in zip(column.range(ofBlock: block), keys) where at >= 0 {
        let entry = Int(other.numbers[start + Int(at)])
        let number = column.numbers[leaf] + 1
        if last[entry] > 0 { repeats += 1 }
        if last[entry] == number { hits += 1 }
        last[entry] = number
      }
    }
    return hits * 5 >= repeats * 2 ? hits : 0
  }

  /// Chooses the numbers that go with a key's entries.
  mutating func vote(_ index: Int, key: Int) {
    var column = columns[index]
    let leaves = self
    column.vote(
      columns[key], pairs: { leaves.keys(key, ofColumn: index, block: $0) },
      blocks: 0..<blockCount)
    columns[index].map = column.map
  }

  /// Texts of other columns that a column's texts contain.
  func affixes(ofColumn index: Int) -> [ColumnPlan.Predictor] {
    let column = columns[index]
    guard column.place.kind.hasAffix, let block = column.sampleBlocks(1).first else { return [] }
    var found: [ColumnPlan.Predictor] = []
    for key in keys(ofColumn: index)
    where columns[key].place.kind.hasAffix {
      var affix = Affix(column.place, key: columns[key].place)
      let range = column.range(ofBlock: block)
      let start = columns[key].range(ofBlock: block).lowerBound
      let pairs = zip(range, keys(key, ofColumn: index, block: block)).prefix(256)
        .filter { $1 >= 0 }.map { (column.leaves[$0], columns[key].leaves[start + Int($1)]) }
      guard let first = pairs.first, affix.learn(first.0, first.1, in: records.span) else {
        continue
      }
      let hits = pairs.count { affix.joins($0.0, $0.1, in: records.span) }
      guard hits * 2 > pairs.count else { continue }
      found.append(.affix(key: key, prefix: affix.prefix, suffix: affix.suffix))
    }
    return Array(found.prefix(2))
  }
}
