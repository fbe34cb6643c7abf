import BinaryCoding

/// Inputs made by hand for each class of attack; `tools/regenerate-golden` writes them to `FailCases`.
enum HostileCases {
  /// Entry, name of the file, bytes.
  static func all() -> [(entry: String, name: String, bytes: [UInt8])] {
    compressed + counts + places + nested + columns
  }

  // MARK: Compression

  /// zstd frames: magic, descriptor with an 8-byte content size and a window, then blocks that repeat
  /// one byte 128 KiB times (RFC 8878 §3.1.1).
  private static func zstdBomb(claiming size: UInt64, blocks: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.write([0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x88])
    writer.write(size)
    let header = (128 << 10) << 3 | 1 << 1
    for index in 0..<blocks {
      let last = index == blocks - 1 ? 1 : 0
      for shift in [0, 8, 16] { writer.write(UInt8(truncatingIfNeeded: (header | last) >> shift)) }
      writer.write(UInt8(ascii: "x"))
    }
    return writer.bytes
  }

  private static var compressed: [(String, String, [UInt8])] {
    let real = zstdBomb(claiming: 8_192 * (128 << 10), blocks: 8_192)
    let claimed = zstdBomb(claiming: 1 << 62, blocks: 1)
    return [
      ("zstd-frame", "claims-4-exbibytes.bin", claimed), ("zstd-frame", "is-a-gibibyte.bin", real),
      ("zstd-frame", "claims-less-than-it-is.bin", zstdBomb(claiming: 10, blocks: 2)),
      ("block-of-rows", "claims-4-exbibytes.bin", claimed),
      ("block-of-rows", "is-a-gibibyte.bin", real),
      ("zstd-stream", "is-a-gibibyte.bin", real),
      (
        "zstd-stream", "empty-frames.bin",
        repeated([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0], 5_000)
      ),
      // Ten bytes of a deflate stream of stored blocks without content, again and again.
      (
        "gzip-stream", "empty-blocks.bin",
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + repeated([0, 0, 0, 0xff, 0xff], 20_000)
      ),
      // A member whose header says that a name follows, and the name never ends.
      (
        "gzip-stream", "endless-name.bin",
        [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3] + repeated([65], 200_000)
      ),
    ]
  }

  // MARK: Counts, lengths, places

  private static let most: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
  ]

  private static func sealed(_ mark: String, _ version: UInt32, _ body: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Array(mark.utf8))
    writer.write(version)
    writer.write(body)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  private static var counts: [(String, String, [UInt8])] {
    let book = [UInt8](repeating: 0, count: 16)
    let origin = [UInt8](repeating: 7, count: 40)
    let wordOfMost = [UInt8](repeating: 0xff, count: 4)
    var cases: [(String, String, [UInt8])] = [
      ("salts", "count-of-2-to-64.bin", sealed("DAYBKSLT", 1, [1, 1] + book + most)),
      ("heads", "count-of-2-to-64.bin", sealed("DAYBKHDS", 0, [1] + book + most)),
      ("trees", "count-of-2-to-64.bin", sealed("DAYBKTRE", 0, book + most)),
      ("trees", "size-of-2-to-64.bin", sealed("DAYBKTRE", 0, book + [1] + origin + most)),
      ("erasures", "count-of-2-to-64.bin", sealed("DAYBKERM", 1, [1, 0] + most)),
      ("ledger", "count-of-2-to-64.bin", sealed("DAYBKLDG", 0, [1] + book + most)),
      ("dead-letters", "length-of-4-gib.bin", Array("DLQ0".utf8) + wordOfMost + [0, 0, 0, 0]),
      ("event", "section-of-2-to-64.bin", recordHead + [2] + most),
      ("event", "endless-varint.bin", recordHead + [2] + repeated([0x80], 4_000)),
      ("section", "fields-2-to-64.bin", most), ("section", "name-of-2-to-64.bin", [1] + most),
      ("salt-window", "runs-2-to-64.bin", most),
      ("salt-window", "gap-overflows.bin", [2, 0, 1] + most),
      ("frontier", "size-of-2-to-64.bin", most),
      ("fork-proof", "sizes-of-2-to-62.bin", forkOfMost),
      ("sync-frame", "length-of-2-to-63.bin", [0x0a] + most.dropLast(1) + [0x7f]),
      ("segment-footer", "rows-2-to-64.bin", [1] + most),
      ("segment-footer", "first-position-of-2-to-64.bin", most + [0, 0]),
    ]
    // A footer of 2^20 rows in as many blocks of which there are no bytes.
    cases.append(
      (
        "segment-footer", "blocks-2-to-20.bin",
        [1, 0x80, 0x80, 0x40, 0] + repeated([0], 8) + [0x80, 0x80, 0x40]
      ))
    return cases
  }

  /// A record up to its section count.
  private static var recordHead: [UInt8] {
    [UInt8](repeating: 7, count: 40) + [1] + [UInt8](repeating: 0, count: 8) + [1, 3]
      + Array("a.b".utf8) + [UInt8](repeating: 0, count: 32)
  }

  private static var forkOfMost: [UInt8] {
    let size: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]
    let head = [UInt8](repeating: 1, count: 96)
    return size + head + size + head
  }

  private static var places: [(String, String, [UInt8])] {
    func trailer(_ offset: UInt64, _ length: UInt32) -> [UInt8] {
      var writer = ByteWriter()
      writer.write(offset)
      writer.write(length)
      writer.write(UInt32(0))
      writer.write(CRC32C.checksum(writer.bytes))
      writer.write(Array("DAYBKEND".utf8))
      return writer.bytes
    }
    return [
      ("segment-trailer", "footer-in-the-trailer.bin", trailer(0, 28)),
      ("segment-trailer", "end-overflows.bin", trailer(.max, .max)),
      ("segment-trailer", "footer-before-the-header.bin", trailer(1, 1_971)),
      ("segment-of-rows", "footer-is-the-segment.bin", repeated([0], 52) + trailer(0, 52)),
      ("identifier-page", "places-that-never-end.bin", [1] + repeated([3], 100_000)),
      ("identifier-page", "place-overflows.bin", [0x80, 0x20] + most + most),
    ]
  }

  // MARK: Nesting

  private static var nested: [(String, String, [UInt8])] {
    let depth = 20_000
    let open = repeated(Array("[".utf8), depth)
    let objects = repeated(Array(#"{"a":"#.utf8), depth)
    // Nine lines of ten aliases of the line before: 10^9 texts, if they are followed.
    var bomb = "source: s\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = repeatElement("*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let value = recordHead + [2, 0xff, 0xff, 3] + [1, 1, 97] + repeated([7, 1], 30_000)
    return [
      ("json", "arrays-20000-deep.bin", open), ("json", "objects-20000-deep.bin", objects),
      (
        "segment-message", "arrays-20000-deep.bin",
        Array(#"{"type":"track","properties":"#.utf8) + open
      ),
      ("cloud-event", "objects-20000-deep.bin", Array(#"{"data":"#.utf8) + objects),
      ("mapping", "arrays-20000-deep.bin", open),
      ("mapping", "objects-20000-deep.bin", repeated(Array("{a: ".utf8), depth)),
      (
        "mapping", "indented-400-deep.bin",
        Array((0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined().utf8)
      ),
      ("mapping", "aliases-10-to-9.bin", Array((bomb + "events: *a9\n").utf8)),
      ("mapping", "aliases-as-keys.bin", Array((bomb + "? *a9\n: x\n? *a9\n: y\n").utf8)),
      ("mapping", "alias-of-itself.bin", Array("source: &s [*s]\nevents: *s\n".utf8)),
      ("event", "arrays-30000-deep.bin", value),
      ("section", "arrays-30000-deep.bin", [1, 1, 97] + repeated([7, 1], 30_000)),
      (
        "csv", "quote-never-closed.bin",
        Array("a,b\n\"".utf8) + repeated(Array("x,\n".utf8), 60_000)
      ),
    ]
  }

  // MARK: Columns

  /// A segment of columns with the given tables, of facts, and a block of the given facts part.
  private static func segment(
    _ tables: [(part: UInt8, bytes: [UInt8])], facts: [UInt8], rows: UInt64
  )
    -> [UInt8]
  {
    var footer = ByteWriter()
    footer.writeVarint(1)
    footer.writeVarint(rows)
    footer.write([0] + repeated([0], 8) + [1])
    footer.writeVarint(UInt64(facts.count))
    footer.writeVarint(UInt64(facts.count))
    footer.writeVarint(1 << 28)
    footer.write(CRC32C.checksum(facts))
    footer.writeVarint(rows)
    footer.write([0, 0, 0, 0, 2, 0])
    footer.writeVarint(UInt64(tables.count))
    for table in tables {
      footer.write(table.part)
      footer.writeVarint(UInt64(table.bytes.count))
      footer.write(CRC32C.checksum(table.bytes))
    }
    footer.write([0, 1] + repeated([7], 40) + [1, 0, 1, 0])
    footer.writeVarint(rows)
    footer.write([0, 0] + repeated([0], 8) + [0] + repeated([0], 4) + [0])
    var writer = ByteWriter()
    writer.write(repeated([0], 52))
    writer.write(facts)
    for table in tables { writer.write(table.bytes) }
    let offset = UInt64(writer.bytes.count)
    writer.write(footer.bytes)
    writer.write(offset)
    writer.write(repeated([0], 12))
    writer.write(Array("DAYBKEND".utf8))
    return FuzzEntry.segmentResealed(writer.bytes)
  }

  /// The table of shapes: rows, one origin, columns of texts in the rows, one shape of these leaves.
  private static func shapes(rows: UInt64, columns: Int, leaves: [UInt8]) -> (UInt8, [UInt8]) {
    var inner = ByteWriter()
    inner.writeVarint(rows)
    inner.write([1] + repeated([7], 40) + [0])
    inner.writeVarint(UInt64(columns))
    for column in 0..<columns { inner.write([0, 0, 3, 2, 1, 97 + UInt8(column)]) }
    inner.write([1])
    inner.writeVarint(UInt64(leaves.count + 3))
    inner.write([0, 6, 1, 3] + Array("a.b".utf8) + [2])
    inner.write([1])
    for leaf in leaves { inner.write([2, leaf]) }
    inner.write([4])
    var table = ByteWriter()
    table.write(UInt8(0))
    table.writeVarint(UInt64(inner.bytes.count))
    table.write(UInt8(0))
    table.write(inner.bytes)
    return (0, table.bytes)
  }

  private static var columns: [(String, String, [UInt8])] {
    let name = "segment-of-columns"
    let noPersons: (UInt8, [UInt8]) = (1, [1])
    // Streams: the shape of all rows is 1; the columns' streams are left out.
    let facts: [UInt8] = [1, 0, 2, 0, 2]
    let affixOfTheOther: [UInt8] = [1, 0, 3, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0]
    let affixOfItself: [UInt8] = [1, 0, 3, 0, 0, 0, 0]
    let megabyte = [UInt8](repeating: 120, count: 1 << 16)
    var constant = ByteWriter()
    constant.write([1, 3, 0, 0])
    constant.writeVarint(UInt64(megabyte.count + 4))
    constant.write(UInt8(6))
    constant.writeVarint(UInt64(megabyte.count))
    constant.write(megabyte)
    return [
      (
        name, "predictors-in-a-circle.bin",
        segment(
          [shapes(rows: 8, columns: 2, leaves: [0, 1]), (0, affixOfTheOther), noPersons],
          facts: facts, rows: 8)
      ),
      (
        name, "predicts-itself.bin",
        segment(
          [shapes(rows: 8, columns: 1, leaves: [0]), (0, affixOfItself), noPersons], facts: facts,
          rows: 8)
      ),
      (
        // 4,096 rows of 30 leaves of 64 KiB each, in a file of 66 KiB.
        name, "constants-of-8-gibibytes.bin",
        segment(
          [
            shapes(rows: 4_096, columns: 1, leaves: repeated([0], 30)), (0, constant.bytes),
            noPersons,
          ],
          facts: facts, rows: 4_096)
      ),
      (
        name, "dictionary-of-2-to-64.bin",
        segment(
          [
            shapes(rows: 8, columns: 1, leaves: [0]), (0, [1, 1, 0, 0]), noPersons,
            (0, [2, 0] + most),
          ],
          facts: facts, rows: 8)
      ),
      (
        name, "words-of-2-to-64.bin",
        segment(
          [
            shapes(rows: 8, columns: 1, leaves: [0]), (0, [1, 2, 0, 0]), noPersons,
            (0, [4, 0] + most),
          ],
          facts: facts, rows: 8)
      ),
    ]
  }

  private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    Array(repeatElement(bytes, count: count).joined())
  }
}
