/// Bounds of the segment format: checked by writers before they write, by readers before they
/// allocate.
package enum SegmentLimits {
  /// Most records in a block.
  package static let blockRecordsMax = 4096
  /// A block closes once its content reaches this size; see `docs/decisions/0201`.
  package static let blockBytesTarget = 256 << 10
  /// Most bytes of a block's content: the target less one byte, and one record of the largest size.
  package static let blockBytesMax = blockBytesTarget + (1 << 20) + 16
  /// Most bytes of a block's records in a segment of columns.
  package static let columnBlockBytesMax = 1 << 28
  /// Most tables of a segment of columns, and most bytes of them all.
  package static let tablesMax = 4096
  package static let tableBytesMax = 1 << 28
  /// Most bytes of a compressed block; zstd adds less than a 128th to what does not compress.
  package static let frameBytesMax = blockBytesMax + blockBytesMax / 128 + 1024
  /// Most events in a segment.
  package static let rowsMax = 1 << 20
  /// Most bytes of a footer.
  package static let footerBytesMax = 64 << 20
  /// A page of the identifier index closes once it has so many identifiers and places.
  package static let pagePlacesTarget = 2048
  /// Most bytes of a page: eight for each of these, and one list that names every row.
  package static let pageBytesMax = 8 * pagePlacesTarget + 32 + 3 * rowsMax
}
