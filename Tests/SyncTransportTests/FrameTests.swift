import EventModel
import Foundation
import HybridTime
import MerkleProofs
import SwiftProtobuf
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing
import WireMessages

@Suite("Frames")
struct FrameTests {
  @Test("Every message comes back from its bytes", arguments: [1, 2, 3])
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for message in Self.messages(using: &random) {
      let frame = try message.frame()
      #expect(try SyncMessage(frame: frame) == message)
    }
  }

  @Test("A hello takes at most 64 bytes beside the book's name")
  func helloSize() throws {
    let hello = SyncMessage.Hello(
      protocolVersion: 0, book: BookID(high: .max, low: .max), scope: "", eventCount: 10_000_000,
      setRoot: Digest256.hash([1]), summary: [UInt8](repeating: 0xff, count: 16))
    let bookByteCount = 18
    #expect(try SyncMessage.hello(hello).frame().count - bookByteCount <= 64)
  }

  @Test("A frame above 64 KiB is refused undecoded, on both sides")
  func tooLarge() {
    let frame = [UInt8](repeating: 0, count: SyncLimits.frameByteCountMax + 1)
    let fault = SyncFault.overLimit(field: "frame", max: SyncLimits.frameByteCountMax)
    #expect(throws: fault) { try SyncMessage(frame: frame) }
    let record = [UInt8](repeating: 0, count: SyncLimits.frameByteCountMax)
    #expect(throws: fault) { try SyncMessage.events(records: [record], hasMore: false).frame() }
  }

  @Test("Frames without a known message, or cut, are refused")
  func unknown() throws {
    #expect(throws: SyncFault.malformed(field: "frame")) { try SyncMessage(frame: []) }
    #expect(throws: SyncFault.malformed(field: "frame")) { try SyncMessage(frame: [0x7a, 0x00]) }
    var random = SeededGenerator(seed: 4)
    for message in Self.messages(using: &random) {
      let frame = try message.frame()
      for count in 0..<min(frame.count, 300) {
        _ = try? SyncMessage(frame: Array(frame.prefix(count)))
      }
    }
  }

  @Test(
    "Fields of another size than the format says are refused by name",
    arguments: [
      "book", "set root", "summary", "origin", "rules", "projection digest",
    ])
  func wrongSizes(field: String) throws {
    var frame = Daybook_V1_SyncFrame()
    let digest = Data(count: 32)
    switch field {
    case "book": frame.hello = .with { $0.book = Data(count: 15) }
    case "set root": frame.hello = .with { $0.book = Data(count: 16) }
    case "summary":
      frame.hello = .with {
        $0.book = Data(count: 16)
        $0.setRoot = digest
      }
    case "origin": frame.difference = .with { $0.origins = [.with { $0.origin = Data(count: 39) }] }
    case "rules": frame.closing = .with { $0.setRoot = digest }
    case "projection digest":
      frame.closing = .with {
        $0.setRoot = digest
        $0.rules = digest
        $0.projections = [.with { $0.name = "p" }]
      }
    default: Issue.record("an unknown field")
    }
    let bytes: [UInt8] = try frame.serializedBytes()
    guard field == "summary" else {
      #expect(throws: SyncFault.malformed(field: field)) { try SyncMessage(frame: bytes) }
      return
    }
    // The session looks at the summary, since its length is a matter of the version.
    #expect((try? SyncMessage(frame: bytes)) != nil)
  }

  @Test("A peer's text cannot command a terminal, and is cut")
  func refusalText() throws {
    let text = "\u{1b}[2Jdisk\u{202e} full\n" + String(repeating: "x", count: 600)
    var frame = Daybook_V1_SyncFrame()
    frame.refusal = .with {
      $0.code = .UNRECOGNIZED(99)
      $0.message = text
    }
    let message = try SyncMessage(frame: try frame.serializedBytes())
    guard case .refusal(let refusal) = message else {
      Issue.record("a refusal should come back")
      return
    }
    #expect(refusal.code == .unspecified)
    #expect(refusal.message.hasPrefix("[2Jdisk fullxxx"))
    #expect(refusal.message.utf8.count == SyncLimits.refusalByteCountMax)
  }

  @Test("Refusal codes are those of the wire")
  func codes() {
    for code in RefusalCode.allCases {
      let wire = Daybook_V1_RefusalCode(rawValue: code.rawValue)
      #expect(wire.map { "\($0)" } == "\(code)")
    }
    #expect(RefusalCode.allCases.count == Daybook_V1_RefusalCode.allCases.count)
  }

  /// One message of each kind.
  static func messages(using random: inout SeededGenerator) -> [SyncMessage] {
    let origins = [random.origin(), random.origin()]
    let records = random.events(of: origins[0], sequences: 1...3).map(\.encoded)
    let digest = Digest256.hash(random.bytes(4))
    return [
      .hello(
        SyncMessage.Hello(
          protocolVersion: 7, book: BookID(high: 1, low: .max), scope: "channel:web",
          eventCount: .max, setRoot: digest, summary: random.bytes(16))),
      .difference(
        [
          SyncMessage.OriginRuns(origin: origins[0], bounds: [1, 5, 9, .max]),
          SyncMessage.OriginRuns(origin: origins[1], bounds: []),
        ], hasMore: true),
      .difference([], hasMore: false),
      .events(records: records, hasMore: true),
      .events(records: [[]], hasMore: false),
      .fragment(
        SyncMessage.Fragment(
          recordByteCount: 100_000, offset: 60_000, content: random.bytes(50), hasMore: true)),
      .applied(SyncMessage.AppliedCounts(applied: 9, alreadyHeld: .max)),
      .closing(
        Closing(
          setRoot: digest, rules: .zero,
          projections: [.init(name: "nps", version: 2, digest: digest)])),
      .refusal(SyncMessage.Refusal(code: .otherBook, message: "choose another peer")),
    ]
  }
}
