import BookRules
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("References and role names")
struct EventReferenceTests {
  @Test("A reference reads back as written", arguments: [1, 2, 3])
  func roundTrip(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let sequence = random.next() >> UInt64.random(in: 0...63, using: &random)
      let dot = Dot(origin: random.origin(), sequence: max(1, sequence))
      let reference = EventReference(dot: dot, idPrefix: random.next())
      #expect(EventReference(reference.description) == reference)
    }
  }

  @Test("One event has one text: other spellings name nothing")
  func otherSpellings() throws {
    let origin = try makeOrigin(key: 0xab)
    let text = EventReference(dot: Dot(origin: origin, sequence: 12), idPrefix: 7).description
    #expect(EventReference(text) != nil)
    let wrong = [
      "", "/", ":", "/:", text.uppercased(), " " + text, text + " ", String(text.dropLast()),
      String(text.dropFirst()), text.replacing("/12:", with: "/012:"),
      text.replacing("/12:", with: "/+12:"), text.replacing("/12:", with: "/-12:"),
      text.replacing("/12:", with: "/0:"), text.replacing("/12:", with: "/:"),
      text.replacing("/12:", with: "/99999999999999999999:"),
      text.replacing("/12:", with: "/1é:"), text.replacing("/", with: ":"),
      text.replacing("ab", with: "éb"), String(repeating: "é", count: 59),
    ]
    for other in wrong { #expect(EventReference(other) == nil, "\(other)") }
  }

  @Test("Roles are named in ascending order, each once")
  func roleSets() {
    for bits in 1..<UInt8(64) {
      let roles = RoleSet(rawValue: bits)
      #expect(RoleSet(roles.description) == roles)
    }
    let long = String(repeating: "x", count: 33)
    for wrong in ["", ",", "append,", "append,admin", "append,append", "append, erase", long] {
      #expect(RoleSet(wrong) == nil, "\(wrong)")
    }
  }

  @Test("A role of a later version gives nothing, and the others of its grant count")
  func laterRoles() {
    #expect(RoleSet("append,audit,erase") == [RoleSet(.append), RoleSet(.erase)])
    #expect(RoleSet("owner") == [])
  }
}
