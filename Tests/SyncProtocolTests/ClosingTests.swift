import EventModel
import MerkleProofs
import SyncProtocol
import SyntheticWorkload
import Testing

@Suite("Closing comparison")
struct ClosingTests {
  @Test("Equal sets with other rules or projections are an alarm with a diagnosis")
  func diagnosis() throws {
    var random = SeededGenerator(seed: 51)
    let library = random.library(originCount: 2, eventCountMax: 10)
    let digest = Digest256.hash([1])
    let other = Digest256.hash([2])
    let cases: [(ModelReplica.Change, ModelReplica.Change, [SyncDisagreement])] = [
      ({ $0.rules = digest }, { $0.rules = other }, [.rules]),
      (
        { $0.extraDigests = [.init(name: "nps", version: 1, digest: digest)] },
        { $0.extraDigests = [.init(name: "nps", version: 1, digest: other)] },
        [.projectionAnswers("nps")]
      ),
      (
        { $0.extraDigests = [.init(name: "nps", version: 1, digest: digest)] },
        { $0.extraDigests = [.init(name: "nps", version: 2, digest: digest)] },
        [.projectionVersion("nps")]
      ),
      (
        { $0.extraDigests = [.init(name: "csat", version: 1, digest: digest)] },
        { _ in }, [.projectionMissing("csat")]
      ),
    ]
    for (changeLeft, changeRight, expected) in cases {
      for isEqualSet in [true, false] {
        var left = ModelReplica(library)
        var right = ModelReplica(isEqualSet ? library : Array(library.dropLast(2)))
        changeLeft(&left)
        changeRight(&right)
        var pair = SessionPair(left, right)
        try pair.run()
        for result in [pair.leftResult, pair.rightResult] {
          #expect(result?.isInSync == true)
          #expect(result?.projectionsAgree == false)
          #expect(result?.disagreements == expected)
          #expect(result?.path == (isEqualSet ? .equal : .difference))
        }
      }
    }
  }

  @Test("The summary depends on every part, and not on the order in which projections are given")
  func summary() {
    let one = AnswerDigest(name: "a", version: 1, digest: .zero)
    let two = AnswerDigest(name: "b", version: 1, digest: .zero)
    let digest = Digest256.hash([1])
    let base = Closing(setRoot: .zero, rules: .zero, projections: [one, two])
    #expect(base.summary.count == 16)
    #expect(base == Closing(setRoot: .zero, rules: .zero, projections: [two, one]))
    let others = [
      Closing(setRoot: digest, rules: .zero, projections: [one, two]),
      Closing(setRoot: .zero, rules: digest, projections: [one, two]),
      Closing(setRoot: .zero, rules: .zero, projections: [one]),
      Closing(
        setRoot: .zero, rules: .zero,
        projections: [one, .init(name: "b", version: 2, digest: .zero)]),
      Closing(
        setRoot: .zero, rules: .zero,
        projections: [one, .init(name: "b", version: 1, digest: digest)]),
    ]
    #expect(Set((others + [base]).map(\.summary)).count == others.count + 1)
  }

  @Test("Faults name place and remedy, and nothing personal")
  func texts() {
    let faults: [SyncFault] = [
      .protocolVersion(found: 3), .unknownScope, .malformed(field: "book"),
      .overLimit(field: "frame", max: 65_536), .outOfTurn(message: "hello"), .cut,
      .unavailable("x"),
    ]
    for fault in faults {
      #expect(!fault.description.isEmpty)
      #expect((fault.refusal?.message.utf8.count ?? 0) <= SyncLimits.refusalByteCountMax)
    }
    #expect(
      SyncFault.protocolVersion(found: 3).description
        == "sync protocol version 3, expected 0: upgrade the older replica")
  }
}

extension ModelReplica {
  /// What makes a replica differ from its peer.
  typealias Change = @Sendable (inout ModelReplica) -> Void
}
