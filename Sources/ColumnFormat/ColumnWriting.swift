internal import BinaryCoding

// column := flags of the leaves that are predicted, if the plan has a predictor but difference;
//           then the others by the plan's store
// flags  := 0 all are | 1 none is | 2, bytes of one bit a leaf | 3, bytes of one byte a leaf

extension BlockWriter {
  /// The stream of a column in a block, by the column's plan.
  mutating func stream(
    ofColumn index: Int, block: Int, _ leaves: borrowing SegmentLeaves
  ) throws(ColumnFault) -> [UInt8] {
    let column = leaves.columns[index]
    let range = column.range(ofBlock: block)
    guard column.plan.store != .constant, !range.isEmpty else { return [] }
    var writer = ByteWriter()
    var ages = NumberAges(next: column.entryStarts.isEmpty ? 0 : column.entryStarts[block])
    if column.plan.store == .dictionary { writer.writeVarint(UInt64(ages.next)) }
    switch column.plan.store {
    case .values:
      try packer.write(
        leaves: column.leaves[range], of: column.place, plan: column.plan,
        in: leaves.records.span, to: &writer)
    case .dictionary:
      var values: [Int64] = []
      values.reserveCapacity(range.count)
      for number in column.numbers[range] { values.append(ages.age(of: number)) }
      try packer.write(values, to: &writer)
    case .words, .ranks, .constant: break
    }
    return writer.bytes
  }
}
