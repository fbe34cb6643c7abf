internal import BinaryCoding

extension LeafColumn {
  /// About `count` blocks that have the column, spread over the segment.
  func sampleBlocks(_ count: Int) -> [Int] {
    let held = blockStarts.indices.dropLast().filter { !range(ofBlock: $0).isEmpty }
    let step = max(1, held.count / count)
    return stride(from: step / 2, to: held.count, by: step).prefix(count).map { held[$0] }
  }

  /// Finds constants, numbers the different leaves, and plans forms and scale.
  mutating func planLeaves(in records: [UInt8]) {
    guard !place.kind.isCount else { return planCounts() }
    let bytes = records.span
    if isConstant(bytes) {
      plan.store = .constant
      plan.constant =
        leaves.isEmpty
        ? [] : [UInt8](copying: bytes, Place(rawValue: leaves[0]).range)
      return
    }
    if place.kind == .amount { planScale(bytes) }
    if place.kind.hasDictionary { number(bytes) }
    if place.kind.isText, place.kind != .commitment { planForms(bytes) }
  }

  private mutating func planCounts() {
    guard leaves.allSatisfy({ $0 == leaves[0] }) else { return }
    var writer = ByteWriter()
    writer.writeVarint(leaves.first ?? 0)
    plan.store = .constant
    plan.constant = writer.bytes
  }

  private func isConstant(_ records: Span<UInt8>) -> Bool {
    guard let first = leaves.first else { return true }
    let leaf = records.extracting(Place(rawValue: first).range)
    for other in leaves where other & 0xff_ffff != first & 0xff_ffff { return false }
    for other in leaves
    where !records.extracting(Place(rawValue: other).range).isEqual(to: leaf) { return false }
    return true
  }

  private mutating func planScale(_ records: Span<UInt8>) {
    var most: UInt8 = 0
    for leaf in leaves {
      most = max(most, Amount(walked: Place(rawValue: leaf), in: records).scale)
    }
    var areLeast = true
    var areAll = true
    for leaf in leaves {
      let amount = Amount(walked: Place(rawValue: leaf), in: records)
      areLeast = areLeast && amount.isLeast
      areAll = areAll && amount.scale == most
      guard amount.scaled(to: most) != nil else {
        areLeast = false
        areAll = most == 0
        break
      }
    }
    plan.scale = areAll ? .all : areLeast ? .least : .written
    plan.places = plan.scale == .written ? 0 : most
  }

  /// Columns whose leaves mostly differ get no numbers.
  private mutating func number(_ records: Span<UInt8>) {
    let isListed = place.kind == .identifier
    var interner = Interner()
    var found: [UInt32] = []
    found.reserveCapacity(leaves.count)
    var block = 0
    var starts: [Int] = []
    for (index, leaf) in leaves.enumerated() {
      while block < blockStarts.count, blockStarts[block] == index {
        starts.append(interner.entries.count)
        block += 1
      }
      found.append(interner.number(of: leaf, in: records))
      if !isListed, index == 16_383, interner.entries.count > 15_000 { return }
    }
    guard isListed || interner.entries.count * 10 <= leaves.count * 9 else { return }
    while starts.count < blockStarts.count { starts.append(interner.entries.count) }
    numbers = found
    entries = interner.entries
    entryStarts = starts
  }

  /// Whether the leaves are texts long enough to have words.
  func isProse(in records: Span<UInt8>) -> Bool {
    guard place.kind == .text else { return false }
    var byteCount = 0
    for leaf in leaves { byteCount += Place(rawValue: leaf).count }
    return byteCount >= 4096 && byteCount >= 18 * leaves.count
  }

  private mutating func planForms(_ records: Span<UInt8>) {
    let candidates = entries.isEmpty ? leaves : entries
    let prefixCount = place.textPrefix.count
    var finder = FormFinder()
    for index in stride(from: 0, to: candidates.count, by: max(1, candidates.count / 8192)) {
      let text = textRange(
        of: Place(rawValue: candidates[index]), kind: place.kind, prefixCount: prefixCount,
        in: records)
      finder.add(records.extracting(text))
    }
    plan.forms = finder.forms()
  }
}
