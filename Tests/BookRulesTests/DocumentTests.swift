import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Documents in force")
struct DocumentTests {
  var book: TestBook
  let office: OriginID
  let schema = DocumentSubject(kind: .schema, name: "page.viewed")
  let one = Digest256.hash(Array("one".utf8))
  let two = Digest256.hash(Array("two".utf8))

  init() throws {
    book = try TestBook()
    office = try makeOrigin(key: 2)
    book.grant(RoleSet(.configure), to: office)
  }

  @Test("An event is read by the last document that was activated before it in fold order")
  mutating func foldOrder() {
    book.append(.declaring(.schema, content: "one"), by: office)
    book.append(.declaring(.schema, content: "two"), by: office)
    let first = book.append(.activating(schema, digest: one), by: office, recorded: 1000)
    let second = book.append(.activating(schema, digest: two), by: office, recorded: 2000)
    book.append(.activating(schema, digest: .zero), by: office, recorded: 3000)
    #expect(inForce(at: 999) == nil)
    #expect(inForce(at: 1001) == one)
    #expect(book.state.document(of: schema, inForceAt: FoldKey(first)) == nil)
    #expect(book.state.document(of: schema, inForceAt: FoldKey(second)) == one)
    #expect(inForce(at: 2001) == two)
    #expect(inForce(at: 3001) == nil)
    #expect(book.state.documentSubjects == [schema])
    let all = book.state.documents(inForceAt: key(at: 2500))
    #expect(all.map(\.subject) == [schema])
    #expect(all.map(\.digest) == [two])
  }

  @Test("An activation waits for a declaration of its kind by somebody who may")
  mutating func waiting() throws {
    book.append(.activating(schema, digest: one), by: office, recorded: 1000)
    book.append(.declaring(.projection, content: "one"), by: office)
    let thief = try makeOrigin(key: 9)
    book.append(.declaring(.schema, content: "one"), by: thief)
    book.append(.activating(schema, digest: .zero), by: thief, recorded: 1500)
    #expect(inForce(at: 2000) == nil)
    var state = book.state
    let declaration = book.append(.declaring(.schema, content: "one"), by: office)
    let held = try #require(try HeldControl(declaration, idPrefix: idPrefix(of: declaration)))
    #expect(state.insert(held).eventTypes.map(\.name) == ["page.viewed"])
    #expect(inForce(at: 2000) == one)
    #expect(book.state.declarations(of: one, as: .schema) == [declaration.dot])
    #expect(declaration.documentContent == Array("one".utf8))
  }

  @Test("An attested arrival moves an activation as it moves any event")
  mutating func redated() {
    book.grant(RoleSet(.attest), to: office)
    book.append(.declaring(.schema, content: "one"), by: office)
    let ahead = book.append(.activating(schema, digest: one), by: office, recorded: 9_000_000)
    #expect(inForce(at: 8_000_000) == nil)
    let run = IntervalSet.Run(first: ahead.dot.sequence, last: ahead.dot.sequence)
    book.append(
      .attesting(.init(origin: office, run: run, arrivedMilliseconds: 1000)), by: office)
    #expect(inForce(at: 8_000_000) == one)
  }

  private func key(at effective: Int64) -> FoldKey {
    FoldKey(
      effectiveMilliseconds: effective, recorded: HybridTimestamp(rawValue: 0),
      dot: Dot(origin: office, sequence: 1))
  }

  private func inForce(at effective: Int64) -> Digest256? {
    book.state.document(of: schema, inForceAt: key(at: effective))
  }
}
