import BinaryCoding
import ChannelAdapters
import EventModel
import Foundation
import ImportFiles
import ZstdCompression

// What comes from outside: messages, tables, mapping files, compressed input.

extension FuzzEntry {
  static let input = [
    FuzzEntry(
      "json", seeds: { messages + [Array(#"[1e400,-0,"\ud83d\ude42",{"a":[null,true]}]"#.utf8)] },
      decode: { input in
        var document = JSONDocument()
        try? document.parse(input)
      }),
    FuzzEntry(
      "segment-message", seeds: { messages },
      decode: { input in
        var adapter = SegmentAdapter()
        adapt(&adapter, input)
      }),
    FuzzEntry(
      "cloud-event",
      seeds: {
        [
          Array(
            #"{"specversion":"1.0","id":"1","source":"till","type":"order.placed","time":"2026-11-02T09:30:15.25Z","subject":"user:u-1","datacontenttype":"application/json","data":{"amount":"12.50","currency":"EUR","lines":[{"sku":"a"}]}}"#
              .utf8)
        ]
      },
      decode: { input in
        var adapter = CloudEventsAdapter()
        adapt(&adapter, input)
      }),
    FuzzEntry(
      "csv",
      seeds: { [Array("\u{feff}\"id\",name,at\r\n1,\"a \"\"b\"\", c\",2026-11-02\n2,x,y\n".utf8)] },
      decode: { input in
        for size in [1, 7, 4_096] {
          var reader = CSVReader()
          for start in stride(from: 0, to: input.count, by: size) {
            let chunk = input.extracting(start..<min(start + size, input.count))
            guard let items = try? reader.read(chunk) else { return }
            readAll(items)
          }
          readAll((try? reader.finish()) ?? [])
        }
      }),
    FuzzEntry(
      "mapping", rounds: 200, seeds: { [mapping] },
      decode: { input in
        guard
          let text = String(validating: [UInt8](copying: input, 0..<input.count), as: UTF8.self),
          let mapping = try? MappingFile.parse(text)
        else { return }
        var adapter = MappingAdapter(mapping)
        adapt(&adapter, Array(#"{"id":"1","name":"x","at":"2026-11-02","total":"3,50"}"#.utf8).span)
      }),
    FuzzEntry(
      "zstd-stream", rounds: 100, seeds: { [try zstd(text)] }, decode: { readInput($0) }),
    FuzzEntry("gzip-stream", rounds: 100, seeds: { [gzip] }, decode: { readInput($0) }),
    FuzzEntry(
      "zstd-frame", seeds: { [try zstd(text)] },
      decode: { input in
        guard var decompressor = try? ZstdDecompressor.make() else { return }
        _ = try? decompressor.decompress(input, byteCountMax: 1 << 16)
        _ = try? decompressor.decompress(input, byteCount: text.count)
      }),
  ]

  private static func adapt(_ adapter: inout some MessageAdapter, _ input: Span<UInt8>) {
    var context = AdapterContext(channel: .web, receivedMilliseconds: 1_790_000_000_000)
    var drafts: [EventDraft] = []
    try? adapter.adapt(input, context: &context, into: &drafts)
    for draft in drafts {
      // What an adapter gives the log takes as it is: it has to be canonical.
      precondition(draft.sections.allSatisfy { (try? Section(checking: $0.bytes)) != nil })
    }
  }

  private static func readAll(_ items: [CSVReader.Item]) {
    for case .row(let row) in items { for index in 0..<row.fieldCount { _ = row.field(index) } }
  }

  /// Reads a file as an import does, and lets go of what it has read; at most so much of it.
  private static func readInput(_ bytes: Span<UInt8>) {
    let path = NSTemporaryDirectory() + "/hostile-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard
      (try? Data([UInt8](copying: bytes, 0..<bytes.count)).write(to: URL(fileURLWithPath: path)))
        != nil, let input = try? ImportInput.open(path)
    else { return }
    var splitter = LineSplitter()
    var left = 64 << 20
    while left > 0, let chunk = try? input.nextChunk() {
      precondition(chunk.count <= 256 << 10, "chunks are bounded")
      left -= chunk.count
      _ = splitter.split(chunk)
    }
    _ = splitter.finish()
  }

  // MARK: Seeds

  private static let messages = [
    #"{"type":"track","messageId":"402c","timestamp":"2010-12-01T08:26:00.043Z","event":"Product Purchased","userId":"u-1","properties":{"receipt":"536365","sku":21730,"name":"LANTERN","quantity":"6","price":4.5,"currency":"GBP","products":[{"sku":"a","price":1}]},"context":{"channel":"store","traits":{"email":"a@example.com"}}}"#,
    #"{"type":"identify","messageId":"1","userId":42,"anonymousId":null,"traits":{"phone":"+34 600 111 222","address":{"city":"X"}}}"#,
    #"{"type":"page","messageId":"2","anonymousId":"a","name":"Home","properties":{"url":"https://example.com/?q=1"}}"#,
  ].map { Array($0.utf8) }

  private static let mapping = Array(
    """
    source: till
    separator: ";"
    absent: ["", "n/a"]
    unmatched: skip
    defaults: {channel: store, currency: EUR}
    events:
      - type: order.completed
        when: {column: name, equals: [x, y]}
        id: "{id}-{name}"
        occurred: {column: at, format: "%Y-%m-%d", zone: Europe/Madrid}
        identifiers: {user: id}
        facts: {total: {column: total, decimal: ","}}
        rest: keep

    """.utf8)

  private static let text = Array(String(repeating: "a line of no weight\n", count: 200).utf8)

  private static func zstd(_ bytes: [UInt8]) throws -> [UInt8] {
    var compressor = try ZstdCompressor.make()
    return try compressor.compress(bytes.span)
  }

  /// `hello`, as `gzip -n` writes it.
  private static let gzip: [UInt8] = [
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6,
    0x10, 0x36, 0x05, 0, 0, 0,
  ]
}
