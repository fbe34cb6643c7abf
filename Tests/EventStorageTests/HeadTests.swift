import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Heads at rest")
struct HeadTests {
  @Test("The own head is signed at seal, at close and on request, and never while appending")
  func ownHead() throws {
    let store = TestStore(seed: 1)
    try store.create()
    var log = try store.open()
    var random = SeededGenerator(seed: 2)
    let own = store.identity.origin
    let verifier = try #require(own.verifier(in: store.identity.book))
    _ = try log.append((0..<5).map { _ in random.draft() }, wallMilliseconds: 1)
    #expect(log.head(of: own) == nil)
    try log.signHead()
    let first = try #require(log.head(of: own))
    #expect(first.head.size == log.held[own].highest)
    #expect(first.head.root == (try log.tree(of: own).root))
    #expect(first.isValid(by: verifier))
    _ = try log.append([random.draft()], wallMilliseconds: 2)
    #expect(log.head(of: own) == first)
    try log.seal()
    #expect(try #require(log.head(of: own)).head.size == log.held[own].highest)
    _ = try log.append([random.draft()], wallMilliseconds: 3)
    try log.close()
    log = try store.open()
    let last = try #require(log.head(of: own))
    #expect(last.head.size == log.held[own].highest)
    #expect(last.isValid(by: verifier))
    let report = try verify(directory: "/store", fileSystem: store.disk)
    #expect(report.isSound)
    #expect(report.heads == 1)
  }

  @Test("A foreign head comes with its events, survives a crash, and serves every hash below it")
  func foreignHead() throws {
    let store = TestStore(seed: 3)
    try store.create()
    var log = try store.open()
    var random = SeededGenerator(seed: 4)
    let origin = random.origin()
    let events = random.events(of: origin, sequences: 1...700)
    let salts = WindowSalts.synthetic(for: events)
    let leaves = events.compactMap {
      $0.id(book: store.identity.book, salts: .synthetic(of: $0.dot))
    }
    let tree = MerkleFrontier(leaves)
    let whole = OriginHead.synthetic(tree, of: origin, in: store.identity.book)
    let cut = 333
    let rest = AlignedSubtree.covering(UInt64(cut)..<700).map { subtree in
      MerkleTree.root(
        of: Array(leaves[Int(subtree.leaves.lowerBound)..<Int(subtree.leaves.upperBound)]))
    }
    let head = OriginHead(origin: origin, head: whole.head, prefix: UInt64(cut), rest: rest)
    _ = try log.apply(
      Array(events[..<cut]), salts: salts, heads: [head], wallMilliseconds: 1)
    store.disk.crash()
    log = try store.open()
    #expect(log.head(of: origin) == whole.head)
    for start in [0, 17, 256, 332, 333, 400] as [UInt64] {
      for subtree in AlignedSubtree.covering(start..<700) {
        let range = Int(subtree.leaves.lowerBound)..<Int(subtree.leaves.upperBound)
        let expected = MerkleTree.root(of: Array(leaves[range]))
        // What lies behind the prefix is known only as far as its hashes were kept.
        let isKnown = start <= 333
        let found = try log.hash(of: subtree, of: origin)
        #expect(found == expected || (!isKnown && found == nil), "\(start): \(subtree)")
      }
    }
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: store.disk).heads == 1)
  }

  @Test("Verification reports a head that its device did not sign, and one of other events")
  func falseHeads() throws {
    for isSigned in [false, true] {
      let store = TestStore(seed: 5)
      try store.create()
      let log = try store.open()
      var random = SeededGenerator(seed: 6)
      let origin = random.origin()
      let events = random.events(of: origin, sequences: 1...3)
      let leaves = (0..<3).map { MerkleFrontier.leafHash([UInt8($0)]) }
      let book = isSigned ? store.identity.book : BookID(high: 1, low: 1)
      let head = OriginHead.synthetic(MerkleFrontier(leaves), of: origin, in: book)
      _ = try log.apply(
        events, salts: WindowSalts.synthetic(for: events), heads: [head], wallMilliseconds: 1)
      let report = try verify(directory: "/store", fileSystem: store.disk)
      #expect(report.damages.map(\.file) == ["log/heads"])
    }
  }

  @Test(
    "A lost copy is written again; without both the store opens, and the own head is signed again")
  func lostCopies() throws {
    let (store, _) = try DamageTests.makeStore()
    try store.disk.remove("/store/log/heads")
    var log = try store.open()
    #expect(log.recovery.didRestoreHeadsCopy)
    #expect(log.head(of: store.identity.origin) != nil)
    try log.close()
    try store.disk.remove("/store/log/heads")
    try store.disk.remove("/store/log/heads.bak")
    log = try store.open()
    #expect(log.head(of: store.identity.origin) == nil)
    try log.signHead()
    #expect(log.head(of: store.identity.origin) != nil)
  }

  @Test("Trees, salts and heads of an origin of 4,096 events take at most 0.2 bytes an event")
  func cost() throws {
    let store = TestStore(seed: 7)
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: 8)
    let drafts = (0..<4096).map { _ in random.draft() }
    for start in stride(from: 0, to: drafts.count, by: 512) {
      _ = try log.append(Array(drafts[start..<start + 512]), wallMilliseconds: 1)
    }
    try log.seal()
    let statistics = log.snapshot().statistics
    #expect(Double(statistics.bytes.proofs) <= 0.2 * Double(statistics.events))
  }
}

extension MerkleFrontier {
  /// The tree of some leaves.
  init(_ leaves: [Digest256]) {
    self.init()
    for leaf in leaves { append(leaf) }
  }
}
