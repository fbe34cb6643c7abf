import BookRules
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Invitations")
struct InvitationTests {
  private static let week: Int64 = 7 * 86_400_000

  private let world = TestWorld(seed: 91)

  private func join(
    _ name: String, _ peer: ReplicaCore, _ code: InvitationCode
  ) throws -> ReplicaCore {
    try ReplicaCore.join(
      at: "/" + name, label: name, peer: peer, invitation: code, environment: world.environment)
  }

  private func expectRefused(
    _ code: ReplicaError.Code, _ word: String, _ join: () throws -> ReplicaCore
  ) throws {
    do {
      _ = try join()
      Issue.record("joined")
    } catch let error as ReplicaError {
      #expect(error.code == code)
      #expect(error.message.contains(word), "\(error)")
    }
  }

  @Test("An invited device is granted the roles of the invitation, and no other device is")
  func single() throws {
    let hub = try world.makeReplica("hub")
    let roles = RoleSet([.append, .identity])
    let (code, invitation) = try hub.invite(roles, lifetimeMilliseconds: Self.week)
    #expect(invitation.roles == roles)
    let till = try join("till", hub, try #require(InvitationCode(text: code.description)))
    #expect(try hub.bookState().roles(of: till.nextOwnDot) == roles)
    #expect(try hub.invitations().map(\.isUsed) == [true])
    try expectRefused(.badInvitation, "used") { try join("thief", hub, code) }
    #expect(try hub.bookState().grantedKeys == [till.identity.origin.key])
    // Nothing was made for whoever was refused.
    #expect(!(try world.disk.exists("/thief")))
  }

  @Test("Codes of others, of other books, expired and withdrawn ones are refused")
  func refused() throws {
    let hub = try world.makeReplica("hub")
    let stranger = try world.makeReplica("stranger")
    let desk = try ReplicaCore.join(
      at: "/desk", label: "desk", peer: hub, roles: RoleSet([.admin, .append]),
      environment: world.environment)
    try sync(desk, hub)
    let (code, _) = try hub.invite(RoleSet(.append), lifetimeMilliseconds: Self.week)
    try expectRefused(.badInvitation, "another book") { try join("a", stranger, code) }
    try expectRefused(.badInvitation, "does not know") { try join("b", desk, code) }
    let unknown = InvitationCode(book: hub.identity.book, seed: Digest256.hash([1]))
    try expectRefused(.badInvitation, "does not know") { try join("c", hub, unknown) }
    world.advance(milliseconds: Self.week)
    try expectRefused(.badInvitation, "expired") { try join("d", hub, code) }
    let (second, kept) = try hub.invite(RoleSet(.append), lifetimeMilliseconds: Self.week)
    // The expired one made room.
    #expect(try hub.invitations() == [kept])
    #expect(try hub.withdrawInvitation(named: kept.name) == kept)
    try expectRefused(.badInvitation, "withdrew") { try join("e", hub, second) }
    #expect(throws: ReplicaError(.notFound, "")) { try hub.withdrawInvitation(named: kept.name) }
    #expect(try hub.bookState().grantedKeys == [desk.identity.origin.key])
  }

  @Test("Only who may grant the roles invites, and only as long as it may")
  func rights() throws {
    let hub = try world.makeReplica("hub")
    let desk = try ReplicaCore.join(
      at: "/desk", label: "desk", peer: hub, roles: RoleSet([.admin, .append]),
      environment: world.environment)
    let till = try world.join("till", hub)
    for replica in [desk, till] { try sync(replica, hub) }
    #expect(throws: ReplicaError(.notGranted, "")) {
      try till.invite(RoleSet(.append), lifetimeMilliseconds: Self.week)
    }
    #expect(throws: ReplicaError(.notGranted, "")) {
      try desk.invite(RoleSet([.admin]), lifetimeMilliseconds: Self.week)
    }
    for lifetime in [0, -1, 367 * 86_400_000] as [Int64] {
      #expect(throws: ReplicaError(.badRequest, "")) {
        try hub.invite(RoleSet(.append), lifetimeMilliseconds: lifetime)
      }
    }
    let (code, _) = try desk.invite(RoleSet(.append), lifetimeMilliseconds: Self.week)
    _ = try hub.revoke(desk.identity.origin, from: 1, reason: nil)
    try sync(desk, hub)
    try expectRefused(.notGranted, "admin") { try join("late", desk, code) }
  }

  @Test("At most 256 invitations are kept; they survive reopening, and damage is told apart")
  func table() throws {
    var hub = try world.makeReplica("hub")
    var codes: [InvitationCode] = []
    for _ in 0..<256 {
      codes.append(try hub.invite(RoleSet(.append), lifetimeMilliseconds: Self.week).code)
    }
    #expect(throws: ReplicaError(.badRequest, "")) {
      try hub.invite(RoleSet(.append), lifetimeMilliseconds: Self.week)
    }
    let kept = try hub.invitations()
    #expect(kept.count == 256)
    try hub.close()
    hub = try ReplicaCore.open(at: "/hub", environment: world.environment)
    #expect(try hub.invitations() == kept)
    let path = "/hub/keys/invitations"
    let whole = try world.disk.readFile(path, byteCountMax: 1 << 20)
    // The file knows the codes again, and does not hold them.
    let name = Digest256.hash(try #require(secret(of: codes[0]))).description.prefix(8)
    #expect(kept.contains { $0.name == name })
    for place in [0, 9, 13, 14, 60, whole.count - 1] {
      var damaged = whole
      damaged[place] ^= 1
      try world.disk.replaceFile(path, with: damaged)
      #expect(throws: ReplicaError(.storeDamaged, "")) { try hub.invitations() }
    }
    for count in [0, 12, 100, whole.count - 1] {
      try world.disk.replaceFile(path, with: Array(whole.prefix(count)))
      #expect(throws: ReplicaError(.storeDamaged, "")) { try join("x", hub, codes[1]) }
    }
  }

  /// The secret of a code, read off its text by the rules of the format.
  private func secret(of code: InvitationCode) -> [UInt8]? {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    let bits = code.description.filter { $0 != "-" }.compactMap { symbol in
      alphabet.firstIndex(of: symbol).map { index in
        String(repeating: "0", count: 5 - String(index, radix: 2).count) + String(index, radix: 2)
      }
    }.joined()
    let digits = Array(bits)
    return stride(from: 16 * 8, to: 32 * 8, by: 8).compactMap {
      UInt8(String(digits[$0..<$0 + 8]), radix: 2)
    }
  }

  @Test("A code is read as people type it, and any wrong symbol is found")
  func text() throws {
    var random = SeededGenerator(seed: 92)
    for _ in 0..<50 {
      let book = BookID(high: random.next(), low: random.next())
      let code = InvitationCode(book: book, seed: Digest256.hash([UInt8(random.next() & 0xff)]))
      let text = code.description
      #expect(text.split(separator: "-").map(\.count) == [8, 8, 8, 8, 8, 8, 8])
      #expect(InvitationCode(text: text) == code)
      let sloppy = text.lowercased().filter { $0 != "-" }.replacing("0", with: "o")
        .replacing("1", with: "l")
      #expect(InvitationCode(text: " " + sloppy) == code)
      var symbols = Array(text)
      let place = try #require(
        symbols.indices.filter { symbols[$0] != "-" }.randomElement(using: &random))
      symbols[place] = symbols[place] == "7" ? "8" : "7"
      #expect(InvitationCode(text: String(symbols)) == nil)
      #expect(InvitationCode(text: String(text.dropLast())) == nil)
      #expect(InvitationCode(text: text + "0") == nil)
    }
    for wrong in [
      "", "u", "é", String(repeating: "0", count: 56), String(repeating: "-", count: 999),
    ] {
      #expect(InvitationCode(text: wrong) == nil)
    }
  }

  @Test("The worked example of the format page")
  func workedExample() throws {
    let book = BookID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff)
    let code = InvitationCode(book: book, seed: .zero)
    #expect(code.description == "008J4CT4-ANK7F24S-NAXWSQFE-ZW000000-00000000-00000000-00011DGM")
    #expect(InvitationCode(text: code.description)?.book == book)
  }
}

extension ReplicaCore {
  /// The name that the replica's next event will have.
  fileprivate var nextOwnDot: Dot {
    Dot(origin: identity.origin, sequence: snapshot().held[identity.origin].highest + 1)
  }
}
