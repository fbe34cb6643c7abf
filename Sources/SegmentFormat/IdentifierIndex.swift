internal import BinaryCoding

// index := page*
// page  := (prefix delta varint, place+)*
// place := (place delta × 2 + whether another one follows) varint
//
// Prefixes ascend over the whole index; within a page the first counts from 0, each later one from
// the one before and is at least 1. Places, rows or blocks, ascend; the first counts from 0.

/// Which rows of a segment of rows, or which blocks of a segment of columns, name which identifier.
///
/// Identifiers are known by the upper 28 bits of their hash: among a segment's tens of thousands, one
/// in ten thousand look-ups meets a stranger, and readers compare the identifier itself anyway. That
/// leaves two bytes of eight for each.
///
/// Source: `docs/format/segment.md` §4.
package enum IdentifierIndex {
  /// The largest prefix.
  package static let prefixMax: UInt64 = 1 << 28 - 1

  /// What the index knows of an identifier's key.
  ///
  /// - Parameter key: The identifier's hash; see ``EventKeys/identifierKeys``.
  /// - Returns: Its upper 28 bits.
  package static func prefix(of key: UInt64) -> UInt64 { key >> 36 }

  /// An identifier's key and a row or block that names it.
  package struct Entry: Comparable, Sendable {
    /// The identifier's key.
    package let key: UInt64
    /// The row or block.
    package let place: UInt32

    /// Joins the parts.
    package init(key: UInt64, place: UInt32) {
      self.key = key
      self.place = place
    }

    /// By key, then place.
    package static func < (left: Entry, right: Entry) -> Bool {
      left.key != right.key ? left.key < right.key : left.place < right.place
    }
  }

  /// Builds the index.
  ///
  /// - Parameter entries: Keys and places in any order; pairs may repeat.
  /// - Returns: The index's bytes and its pages.
  /// - Complexity: O(entries · log entries).
  package static func build(_ entries: [Entry]) -> (bytes: [UInt8], pages: [IdentifierPage]) {
    // The place's 20 bits fit below the key's 28, so that one integer sorts both.
    var packed = entries.map { prefix(of: $0.key) << 20 | UInt64($0.place) }
    packed.sort()
    var pages = PageBuilder()
    var start = 0
    while start < packed.count {
      let prefix = packed[start] >> 20
      var places: [UInt64] = []
      while start < packed.count, packed[start] >> 20 == prefix {
        let place = packed[start] & 0xf_ffff
        if place != places.last { places.append(place) }
        start += 1
      }
      pages.add(prefix, places)
    }
    pages.endPage()
    return (pages.writer.bytes, pages.pages)
  }

  /// The rows or blocks that a page lists under an identifier.
  ///
  /// - Parameters:
  ///   - key: The identifier's key.
  ///   - page: The page's bytes, whose checksum the caller has compared.
  ///   - placeCount: How many rows or blocks the segment has.
  /// - Returns: Rows or blocks, ascending; maybe those of another identifier too.
  /// - Throws: ``SegmentFault`` if the page is malformed.
  package static func places(
    ofKey key: UInt64, inPage page: [UInt8], placeCount: Int
  ) throws(SegmentFault) -> [Int] {
    let wanted = prefix(of: key)
    do throws(DecodingFault) {
      var reader = ByteReader(page.span)
      var prefix: UInt64 = 0
      while !reader.isAtEnd {
        prefix = try readPrefix(from: &reader, after: prefix)
        if prefix > wanted { break }
        if prefix == wanted { return try readPlaces(from: &reader, count: placeCount) }
        while try reader.readVarint() & 1 == 1 {}
      }
      return []
    } catch {
      throw SegmentFault(.identifiers, .decoding(error))
    }
  }

  private static func readPrefix(
    from reader: inout ByteReader, after last: UInt64
  ) throws(DecodingFault) -> UInt64 {
    let delta = try reader.readVarint()
    try reader.require(delta <= prefixMax - last, "identifier prefix")
    return last + delta
  }

  private static func readPlaces(
    from reader: inout ByteReader, count: Int
  ) throws(DecodingFault) -> [Int] {
    var places: [Int] = []
    var place: UInt64 = 0
    while true {
      let word = try reader.readVarint()
      place += word >> 1
      try reader.require(place < UInt64(count), "place of an identifier")
      places.append(Int(place))
      if word & 1 == 0 { return places }
    }
  }

  private struct PageBuilder {
    var writer = ByteWriter()
    var pages: [IdentifierPage] = []
    private var pageStart = 0
    private var firstPrefix: UInt64 = 0
    private var lastPrefix: UInt64 = 0

    mutating func add(_ prefix: UInt64, _ places: [UInt64]) {
      if writer.count == pageStart {
        firstPrefix = prefix
        lastPrefix = 0
      }
      writer.writeVarint(prefix - lastPrefix)
      lastPrefix = prefix
      var last: UInt64 = 0
      for (index, place) in places.enumerated() {
        writer.writeVarint((place - last) << 1 | (index + 1 < places.count ? 1 : 0))
        last = place
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
