internal import BinaryCoding

/// A column while a segment is written: the leaves of all rows, and how they will be stored.
struct LeafColumn {
  let place: ColumnPlace
  /// Where the bytes of each leaf lie, see ``Place``; of lengths and elements the number itself.
  var leaves: [UInt64] = []
  /// The first leaf of each block, and the end.
  var blockStarts: [Int] = []
  /// How often each shape of the scope has the column.
  var perShape: [UInt8] = []
  /// Each leaf's number in the dictionary, if the column may have one.
  var numbers: [UInt32] = []
  /// Where each entry of the dictionary was first met.
  var entries: [UInt64] = []
  /// How many entries had been met before each block.
  var entryStarts: [Int] = []
  /// Of a map: one more than the number for each entry of the key, 0 for none.
  var map: [UInt32] = []
  /// The words of its texts, if these are stored as words.
  var words: WordList?
  /// How many bytes its dictionary or its words take.
  var tableByteCount = 0
  var plan = ColumnPlan()

  init(place: ColumnPlace) { self.place = place }

  /// Whether the column is that of source ids.
  var isSourceID: Bool {
    place.scope == 0 && place.section == 1 && place.kind == .text
      && place.path == ColumnPaths.sourceID
  }

  /// The leaves of a block.
  func range(ofBlock block: Int) -> Range<Int> { blockStarts[block]..<blockStarts[block + 1] }

  /// Where the text of a leaf lies.
  func text(_ index: Int, in records: Span<UInt8>, prefixCount: Int) -> Range<Int> {
    textRange(
      of: Place(rawValue: leaves[index]), kind: place.kind, prefixCount: prefixCount, in: records)
  }
}
