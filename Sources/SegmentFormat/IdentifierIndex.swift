internal import BinaryCoding

// index := page*
// page  := prefix bits w u8, k u8, j u8, identifier count varint, first prefix varint, bits
// bits  := (rice(k) of the prefix delta − 1, but of the first; places)*
// places := rice(j) of the first, (1, rice(j) of the place delta − 1)*, 0
//
// Prefixes ascend over the whole index, places within an identifier. See RiceCoding.

/// Which rows of a segment of rows, or which blocks of a segment of columns, name which identifier.
///
/// Identifiers are known by the upper bits of their hash: 28 where places are rows, where they are
/// blocks eight more than number them. One look-up in some three hundred then meets a stranger's
/// block, whose columns settle it.
///
/// Source: `docs/format/segment.md` §4.
package enum IdentifierIndex {
  /// The most bits of a prefix.
  package static let prefixBitsMax = 28
  /// The largest prefix.
  package static let prefixMax: UInt64 = 1 << UInt64(prefixBitsMax) - 1

  /// What an index may know of an identifier's key.
  ///
  /// - Parameter key: The identifier's hash; see ``EventKeys/identifierKeys``.
  /// - Returns: Its upper 28 bits, of which the index has as many as it needs.
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
  /// - Parameters:
  ///   - entries: Keys and places in any order; pairs may repeat.
  ///   - areBlocks: Whether the places are blocks, whose columns settle which rows name an identifier.
  /// - Returns: The index's bytes and its pages.
  /// - Complexity: O(entries · log entries).
  package static func build(
    _ entries: [Entry], areBlocks: Bool = false
  ) -> (bytes: [UInt8], pages: [IdentifierPage]) {
    // The place's 20 bits fit below the key's 28, so that one integer sorts both.
    var packed = entries.map { prefix(of: $0.key) << 20 | UInt64($0.place) }
    packed.sort()
    let width = areBlocks ? prefixBits(of: packed) : prefixBitsMax
    let dropped = UInt64(prefixBitsMax - width)
    var pages = PageBuilder(prefixBits: width)
    var start = 0
    while start < packed.count {
      let prefix = packed[start] >> (20 + dropped)
      var places: [UInt64] = []
      while start < packed.count, packed[start] >> (20 + dropped) == prefix {
        places.append(packed[start] & 0xf_ffff)
        start += 1
      }
      if dropped > 0 { places.sort() }
      pages.add(prefix, places)
    }
    pages.endPage()
    return (pages.bytes, pages.pages)
  }

  /// Eight bits more than number the prefixes.
  private static func prefixBits(of packed: [UInt64]) -> Int {
    var count: UInt64 = 0
    var last: UInt64?
    for word in packed where word >> 20 != last {
      count += 1
      last = word >> 20
    }
    return min(prefixBitsMax, 72 - count.leadingZeroBitCount)
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
    do throws(DecodingFault) {
      var reader = ByteReader(page.span)
      let width = try parameter(from: &reader)
      let prefixParameter = try parameter(from: &reader)
      let placeParameter = try parameter(from: &reader)
      let wanted = prefix(of: key) >> UInt64(prefixBitsMax - width)
      let count = try reader.readCount(max: 8 * page.count)
      var prefix = try reader.readVarint()
      var bits = RiceReader(page.span.extracting(reader.offset..<page.count))
      for index in 0..<count {
        if index > 0 { prefix += try bits.read(parameter: prefixParameter) + 1 }
        try reader.require(prefix <= prefixMax, "identifier prefix")
        if prefix > wanted { break }
        let places = try readPlaces(&bits, placeParameter, keeps: prefix == wanted)
        if let last = places.last {
          try reader.require(last < placeCount, "place of an identifier")
          return places
        }
      }
      return []
    } catch {
      throw SegmentFault(.identifiers, .decoding(error))
    }
  }

  private static func parameter(from reader: inout ByteReader) throws(DecodingFault) -> Int {
    let parameter = Int(try reader.readByte())
    try reader.require(parameter <= prefixBitsMax, "parameter of an index")
    return parameter
  }

  /// Reads an identifier's places; none of them if they are only passed over.
  private static func readPlaces(
    _ bits: inout RiceReader, _ parameter: Int, keeps isWanted: Bool
  ) throws(DecodingFault) -> [Int] {
    var places: [Int] = []
    var place = try bits.read(parameter: parameter)
    while true {
      if isWanted { places.append(Int(place)) }
      guard try bits.readBit() == 1 else { return places }
      place += try bits.read(parameter: parameter) + 1
    }
  }

  private struct PageBuilder {
    let prefixBits: Int
    private(set) var bytes: [UInt8] = []
    private(set) var pages: [IdentifierPage] = []
    private var entries: [(prefix: UInt64, places: [UInt64])] = []
    private var placeCount = 0

    init(prefixBits: Int) { self.prefixBits = prefixBits }

    mutating func add(_ prefix: UInt64, _ sorted: [UInt64]) {
      var places: [UInt64] = []
      for place in sorted where place != places.last { places.append(place) }
      entries.append((prefix, places))
      placeCount += places.count
      if entries.count + placeCount >= SegmentLimits.pagePlacesTarget { endPage() }
    }

    mutating func endPage() {
      guard let first = entries.first else { return }
      let prefixDeltas = zip(entries.dropFirst(), entries).map { $0.prefix - $1.prefix - 1 }
      let placeDeltas = entries.flatMap(\.places.gaps)
      let prefixParameter = RiceWriter.parameter(of: prefixDeltas)
      let placeParameter = RiceWriter.parameter(of: placeDeltas)
      var bits = RiceWriter()
      for (index, entry) in entries.enumerated() {
        if index > 0 { bits.write(prefixDeltas[index - 1], parameter: prefixParameter) }
        for (place, gap) in entry.places.gaps.enumerated() {
          if place > 0 { bits.write(bit: 1) }
          bits.write(gap, parameter: placeParameter)
        }
        bits.write(bit: 0)
      }
      var writer = ByteWriter()
      writer.write(UInt8(prefixBits))
      writer.write(UInt8(prefixParameter))
      writer.write(UInt8(placeParameter))
      writer.writeVarint(UInt64(entries.count))
      writer.writeVarint(first.prefix)
      writer.write(bits.finish())
      let page = writer.bytes
      pages.append(
        IdentifierPage(
          firstPrefix: first.prefix << UInt64(prefixBitsMax - prefixBits), offset: bytes.count,
          byteCount: page.count, checksum: CRC32C.checksum(page)))
      bytes += page
      entries = []
      placeCount = 0
    }
  }
}

extension [UInt64] {
  /// The first, then each less the one before and 1.
  fileprivate var gaps: [UInt64] {
    var last: UInt64?
    return map { value in
      defer { last = value }
      guard let last else { return value }
      return value - last - 1
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
