/// Bounds of the format: kept by the encoder, checked by readers before they allocate.
package enum ColumnLimits {
  /// Most rows of a segment.
  package static let rowsMax = 1 << 18
  /// Rows of a block; the last one of a segment may have fewer.
  package static let blockRows = 4096
  /// Most bytes of a segment's records together, so also of a block's.
  package static let bytesMax = 1 << 28
  /// Most bytes of one record.
  package static let recordBytesMax = 1 << 20
  /// Most shapes of a segment, those of array elements included.
  package static let shapesMax = 4096
  /// Most columns.
  package static let columnsMax = 1024
  /// Most bytes that the operations of all shapes together write.
  package static let shapeBytesMax = 1 << 24
  /// Most operations of all shapes together.
  package static let operationsMax = 1 << 20
  /// Most array elements of a record that is not stored as it is.
  package static let elementsMax = 1024
  /// Most leaves, lengths and elements of a record that is not stored as it is.
  package static let leavesMax = 2048
  /// Most of these in a block.
  package static let blockLeavesMax = blockRows * leavesMax
  /// Most values of one column, or elements of one array, in a block.
  package static let blockValuesMax = blockRows * elementsMax
  /// Most origins of a segment.
  package static let originsMax = rowsMax
  /// Most entries of a dictionary.
  package static let entriesMax = 1 << 22
  /// Entries of a page of a dictionary.
  package static let pageEntries = 4096
  /// Most bytes of all dictionaries together, once they are decoded.
  package static let dictionaryBytesMax = 1 << 29
  /// Most forms of a column's texts, besides "other".
  package static let formsMax = 15
  /// A shape has at least so many rows; the records of rarer ones are stored as they are.
  package static let shapeRowsMin = 4
}
