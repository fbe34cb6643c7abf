public import BinaryCoding

/// The one encoding of a window:
///
///     window := run count varint ‖ run* ‖ node digest* ‖ kept
///     run    := gap varint ‖ length varint
///     kept   := nothing, if the run count is 0; else
///               count varint ‖ (gap varint ‖ sections varint ‖ salt*)*
///
/// Runs are the punctured indexes; the places of the nodes follow from them.
/// Source: `docs/format/proofs.md` §1.2.
extension SaltTree {
  private static let runCountMax = indexCount / 2

  /// Writes the window: 33 bytes if nothing is punctured.
  public func write(to writer: inout ByteWriter) {
    let runs = puncturedRuns
    writer.writeVarint(UInt64(runs.count))
    var end = 0
    for run in runs {
      writer.writeVarint(UInt64(run.lowerBound - end))
      writer.writeVarint(UInt64(run.count))
      end = run.upperBound
    }
    for node in nodes { node.hash.write(to: &writer) }
    guard !runs.isEmpty else { return }
    writer.writeVarint(UInt64(kept.count))
    var next = 0
    for entry in kept {
      writer.writeVarint(UInt64(entry.index - next))
      writer.writeVarint(UInt64(entry.sections))
      for salt in entry.salts { salt.write(to: &writer) }
      next = entry.index + 1
    }
  }

  /// Reads what ``write(to:)`` wrote, and nothing else: every accepted encoding is the only one of its
  /// value.
  ///
  /// - Parameter reader: Stands at the run count.
  /// - Throws: ``DecodingFault`` when bytes are missing, out of bounds or not canonical.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    let runs = try Self.readRuns(from: &reader)
    nodes = try Self.readNodes(outside: runs, from: &reader)
    kept = runs.isEmpty ? [] : try Self.readKept(within: runs, from: &reader)
    checkInvariants()
  }

  /// The maximal runs of indexes that no node covers.
  private var puncturedRuns: [Range<Int>] {
    var runs: [Range<Int>] = []
    var end = 0
    for node in nodes {
      let leaves = node.subtree.leaves
      if end < leaves.lowerBound { runs.append(end..<Int(leaves.lowerBound)) }
      end = Int(leaves.upperBound)
    }
    if end < Self.indexCount { runs.append(end..<Self.indexCount) }
    return runs
  }

  private static func readRuns(
    from reader: inout ByteReader
  ) throws(DecodingFault) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var end = 0
    for number in 0..<(try reader.readCount(max: runCountMax)) {
      let start = reader.offset
      let gap = try reader.readCount(max: indexCount - end)
      let length = try reader.readCount(max: indexCount - end - gap)
      guard gap > 0 || number == 0, length > 0 else {
        throw .notCanonical(field: "punctured run", at: start)
      }
      runs.append(end + gap..<end + gap + length)
      end += gap + length
    }
    return runs
  }

  private static func readNodes(
    outside runs: [Range<Int>], from reader: inout ByteReader
  ) throws(DecodingFault) -> [HashedSubtree] {
    var nodes: [HashedSubtree] = []
    var end = 0
    for run in runs + [indexCount..<indexCount] {
      for subtree in AlignedSubtree.covering(UInt64(end)..<UInt64(run.lowerBound)) {
        nodes.append(HashedSubtree(subtree, hash: try Digest256(from: &reader)))
      }
      end = run.upperBound
    }
    return nodes
  }

  private static func readKept(
    within runs: [Range<Int>], from reader: inout ByteReader
  ) throws(DecodingFault) -> [KeptSalts] {
    var kept: [KeptSalts] = []
    var next = 0
    var rest = runs[...]
    for _ in 0..<(try reader.readCount(max: indexCount)) {
      let start = reader.offset
      let index = next + (try reader.readCount(max: indexCount - next))
      while let run = rest.first, run.upperBound <= index { rest.removeFirst() }
      guard let run = rest.first, run.contains(index) else {
        throw .notCanonical(field: "kept salt of a whole event", at: start)
      }
      let sections = UInt16(truncatingIfNeeded: try reader.readCount(max: Int(UInt16.max)))
      guard sections != 0 else { throw .notCanonical(field: "kept sections", at: start) }
      var salts: [Digest256] = []
      for _ in 0..<sections.nonzeroBitCount { salts.append(try Digest256(from: &reader)) }
      kept.append(KeptSalts(index: index, sections: sections, salts: salts))
      next = index + 1
    }
    return kept
  }
}
