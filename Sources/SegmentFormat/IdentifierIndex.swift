internal import BinaryCoding

// index := page*
// page  := (prefix delta varint, row count varint, row delta varint*)*
//
// Prefixes ascend over the whole index; within a page the first counts from 0, each later one from
// the one before and is at least 1. Rows ascend; the first counts from 0.

/// Which rows of a segment name which identifier.
///
/// Identifiers are known by the upper 40 bits of their index key: among a segment's tens of
/// thousands, one in ten million look-ups meets a stranger, and readers compare the identifier
/// itself anyway. That saves three bytes of eight for each.
///
/// Source: `docs/format/segment.md` §4.
package enum IdentifierIndex {
  /// The largest prefix.
  package static let prefixMax: UInt64 = 1 << 40 - 1

  /// What the index knows of an identifier's key.
  ///
  /// - Parameter key: The key; see `Identifier.indexKey`.
  /// - Returns: Its upper 40 bits.
  package static func prefix(of key: UInt64) -> UInt64 { key >> 24 }

  /// An identifier's key and a row that names it.
  package struct Entry: Comparable, Sendable {
    /// The identifier's key.
    package let key: UInt64
    /// The row.
    package let row: UInt32

    /// Joins the parts.
    package init(key: UInt64, row: UInt32) {
      self.key = key
      self.row = row
    }

    /// By key, then row.
    package static func < (left: Entry, right: Entry) -> Bool {
      left.key != right.key ? left.key < right.key : left.row < right.row
    }
  }

  /// Builds the index.
  ///
  /// - Parameter entries: Keys and rows in any order; pairs may repeat.
  /// - Returns: The index's bytes and its pages.
  /// - Complexity: O(entries · log entries).
  package static func build(_ entries: [Entry]) -> (bytes: [UInt8], pages: [IdentifierPage]) {
    // The row's 20 bits fit below the key's 40, so that one integer sorts both.
    var packed = entries.map { prefix(of: $0.key) << 20 | UInt64($0.row) }
    packed.sort()
    var pages = PageBuilder()
    var start = 0
    while start < packed.count {
      let prefix = packed[start] >> 20
      var rows: [UInt64] = []
      while start < packed.count, packed[start] >> 20 == prefix {
        let row = packed[start] & 0xf_ffff
        if row != rows.last { rows.append(row) }
        start += 1
      }
      pages.add(prefix, rows)
    }
    pages.endPage()
    return (pages.writer.bytes, pages.pages)
  }

  /// The rows that a page lists under an identifier.
  ///
  /// - Parameters:
  ///   - key: The identifier's key.
  ///   - page: The page's bytes, whose checksum the caller has compared.
  ///   - rowCount: How many rows the segment has.
  /// - Returns: Rows in ascending order; maybe those of another identifier too.
  /// - Throws: ``SegmentFault`` if the page is malformed.
  package static func rows(
    ofKey key: UInt64, inPage page: [UInt8], rowCount: Int
  ) throws(SegmentFault) -> [Int] {
    let wanted = prefix(of: key)
    var found: [Int] = []
    try forEachList(inPage: page, rowCount: rowCount) { prefix, rows in
      if prefix == wanted { found = rows }
      return prefix < wanted
    }
    return found
  }

  /// Calls `body` with each prefix of a page and its rows until it returns false.
  ///
  /// - Parameters:
  ///   - page: The page's bytes.
  ///   - rowCount: How many rows the segment has.
  ///   - body: Gets a prefix and its rows; returns whether to go on.
  /// - Throws: ``SegmentFault`` if the page is malformed.
  package static func forEachList(
    inPage page: [UInt8], rowCount: Int, _ body: (UInt64, [Int]) -> Bool
  ) throws(SegmentFault) {
    do throws(DecodingFault) {
      var reader = ByteReader(page.span)
      var prefix: UInt64 = 0
      while !reader.isAtEnd {
        let delta = try reader.readVarint()
        try reader.require(delta <= prefixMax - prefix, "identifier prefix")
        prefix += delta
        let rows = try readRows(from: &reader, rowCount: rowCount)
        if !body(prefix, rows) { return }
      }
    } catch {
      throw SegmentFault(.identifiers, .decoding(error))
    }
  }

  private static func readRows(
    from reader: inout ByteReader, rowCount: Int
  ) throws(DecodingFault) -> [Int] {
    var rows: [Int] = []
    var row = 0
    for _ in 0..<(try reader.readCount(max: min(rowCount, reader.remaining))) {
      row += try reader.readCount(max: rowCount - row)
      try reader.require(row < rowCount, "identifier row")
      rows.append(row)
    }
    return rows
  }

  private struct PageBuilder {
    var writer = ByteWriter()
    var pages: [IdentifierPage] = []
    private var pageStart = 0
    private var firstPrefix: UInt64 = 0
    private var lastPrefix: UInt64 = 0

    mutating func add(_ prefix: UInt64, _ rows: [UInt64]) {
      if writer.count == pageStart {
        firstPrefix = prefix
        lastPrefix = 0
      }
      writer.writeVarint(prefix - lastPrefix)
      lastPrefix = prefix
      writer.writeVarint(UInt64(rows.count))
      var last: UInt64 = 0
      for row in rows {
        writer.writeVarint(row - last)
        last = row
      }
      if writer.count - pageStart >= SegmentLimits.pageBytesTarget { endPage() }
    }

    mutating func endPage() {
      guard writer.count > pageStart else { return }
      let bytes = [UInt8](writer.bytes[pageStart...])
      let page = IdentifierPage(
        firstPrefix: firstPrefix, offset: pageStart, byteCount: bytes.count,
        checksum: CRC32C.checksum(bytes))
      pages.append(page)
      pageStart += bytes.count
    }
  }
}

extension [IdentifierPage] {
  /// The page that lists an identifier, if any does. O(log pages).
  ///
  /// - Parameter key: The identifier's key.
  /// - Returns: The page, or nothing if the identifier sorts before all pages.
  package func page(forKey key: UInt64) -> IdentifierPage? {
    let prefix = IdentifierIndex.prefix(of: key)
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].firstPrefix <= prefix { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? self[low - 1] : nil
  }
}
