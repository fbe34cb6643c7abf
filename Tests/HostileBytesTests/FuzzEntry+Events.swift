import BinaryCoding
import BookRules
import EventModel
import HybridTime
import InteractionLog
import MerkleProofs
import SyncProtocol
import SyncTransport
import SyntheticWorkload

// Events and what is made of them: documents, control events, proofs, messages of a sync.

extension FuzzEntry {
  static let events = [
    FuzzEntry(
      "event", seeds: { records() },
      decode: { input in
        guard let event = try? Event(checking: input) else { return }
        _ = event.draft.idempotencyKey
        _ = event.persons.map(\.identifiers)
        _ = event.id(book: BookID(high: 1, low: 2), salts: .synthetic(of: event.dot))
        _ = EventOutline(event)
      }),
    FuzzEntry(
      "section", seeds: { records().compactMap { try? Event(checking: $0.span).facts.bytes } },
      decode: { input in
        guard let section = try? Section(checking: [UInt8](copying: input, 0..<input.count)) else {
          return
        }
        _ = section.fieldCount
        _ = section.value(named: "@identifiers")
      }),
    FuzzEntry(
      "control-event", seeds: { controlEvents() },
      decode: { input in
        guard let event = try? Event(checking: input) else { return }
        _ = try? ControlEvent(event)
      }),
    FuzzEntry(
      "document",
      seeds: {
        [
          "daybook schema 0\npage.viewed\npage_id text\nposition integer\n",
          "daybook metric-scales 0\n",
        ]
        .map { Array($0.utf8) }
      },
      decode: { input in
        guard let text = String(validating: [UInt8](copying: input, 0..<input.count), as: UTF8.self)
        else { return }
        _ = try? BookDocument(source: text)
        _ = try? EventSchema(document: text)
        _ = InvitationCode(text: text)
      }),
  ]

  static let proofs = [
    FuzzEntry(
      "salt-window", seeds: { [try saltWindow()] },
      decode: { input in
        var reader = ByteReader(input)
        guard let tree = try? SaltTree(from: &reader) else { return }
        for index in [0, 1, 5, 4_095] { _ = tree.leaf(index) }
      }),
    FuzzEntry(
      "frontier", seeds: { [[3] + [UInt8](repeating: 7, count: 64)] },
      decode: { input in
        var reader = ByteReader(input)
        guard let tree = try? MerkleFrontier(from: &reader) else { return }
        _ = tree.root
      }),
    FuzzEntry(
      "fork-proof", seeds: { [forkProof()] },
      decode: { input in
        var reader = ByteReader(input)
        _ = try? ForkProof(from: &reader)
      }),
    FuzzEntry(
      "signed-note", seeds: { [note, proofFile] },
      decode: { input in
        let bytes = [UInt8](copying: input, 0..<input.count)
        _ = try? SignedNote(bytes)
        _ = try? ProofFile(bytes)
      }),
  ]

  static let sync = [
    FuzzEntry(
      "sync-frame", seeds: { try messages().map { try $0.frame() } },
      decode: { input in
        guard let message = try? SyncMessage(frame: [UInt8](copying: input, 0..<input.count)) else {
          return
        }
        _ = try? message.frame()
      })
  ]

  // MARK: Seeds

  private static func records() -> [[UInt8]] {
    var random = SeededGenerator(seed: 31)
    return random.events(of: random.origin(), sequences: 1...12).map(\.encoded)
  }

  private static func controlEvents() -> [[UInt8]] {
    let origin = OriginID.synthetic(5)
    let dot = Dot(origin: origin, sequence: 1)
    let reference = EventReference(dot: dot, idPrefix: 1)
    let drafts: [EventDraft] = [
      .granting(RoleSet(.append), to: origin.key, label: "till"),
      .retracting(reference, reason: "twice"),
      .redacting(
        reference, section: 1, survivors: Section([.init("note", "kept")]), replaces: [reference]),
      .erasing(
        ErasureRequest(
          sections: [ErasedSection(dot: dot, section: 1)], tags: [], cutMilliseconds: 1),
        reason: "asked"),
      .attesting(
        AttestedArrival(
          origin: origin, run: IntervalSet.Run(first: 1, last: 9), arrivedMilliseconds: 2)),
    ]
    return drafts.enumerated().map { index, draft in
      Event(
        dot: Dot(origin: origin, sequence: UInt64(index) + 2),
        recorded: HybridTimestamp(milliseconds: 1_790_000_000_000), draft: draft
      ).encoded
    }
  }

  private static func saltWindow() throws -> [UInt8] {
    var tree = SaltTree(seed: Digest256.hash([2]))
    tree.puncture(5)
    tree.puncture(4_000)
    var writer = ByteWriter()
    tree.write(to: &writer)
    return writer.bytes
  }

  private static func forkProof() -> [UInt8] {
    // Two heads of sizes 3 and 7, then the subtrees of 0..<3 and 3..<7.
    [3] + [UInt8](repeating: 1, count: 96) + [7] + [UInt8](repeating: 2, count: 96 + 5 * 32)
  }

  private static let note = Array(
    """
    daybook.log/00/11
    7
    o+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=

    \u{2014} daybook.log/00/11 L3CiKT9SZ0d5RQY6Yz+f/HVK0x2359MJw8OUdSaif1Ufs3Q/X0ZeXvkdqtD98y2mlf5joGCPkag5TAKQEKMg6q5eRAo=

    """.utf8)

  private static let proofFile =
    Array("c2sp.org/tlog-proof@v1\nindex 3\n".utf8)
    + Array("+mHj3sNDlYn0eEyJO/Mh0ACE8ExXLHr2ize/g2CjW0hg=\n\n".utf8) + note

  private static func messages() -> [SyncMessage] {
    let origin = OriginID.synthetic(9)
    let digest = Digest256.hash([9])
    return [
      .hello(
        SyncMessage.Hello(
          protocolVersion: 7, book: BookID(high: 1, low: 2), scope: "", eventCount: 12,
          setRoot: digest, summary: [UInt8](repeating: 1, count: 16))),
      .difference(
        [SyncMessage.OriginRuns(origin: origin, bounds: [1, 5, 9, .max])], hasMore: false),
      .events(records: records(), hasMore: true),
      .fragment(
        SyncMessage.Fragment(
          recordByteCount: 100_000, offset: 60_000, content: [1, 2, 3], hasMore: true)),
      .refusal(SyncMessage.Refusal(code: .otherBook, message: "choose another peer")),
    ]
  }
}
