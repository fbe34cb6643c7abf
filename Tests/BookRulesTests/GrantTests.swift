import BookRules
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Who counts")
struct GrantTests {
  @Test("Without a grant only the owner counts; with one its incarnations count, too")
  func grants() throws {
    var book = try TestBook()
    let till = try makeOrigin(key: 2)
    let restored = try makeOrigin(key: 2, incarnation: 9)
    #expect(book.state.roles(of: Dot(origin: book.owner, sequence: 5)) == .all)
    #expect(book.state.roles(of: Dot(origin: till, sequence: 1)).isEmpty)

    let sale = book.append(try interaction(), by: till)
    #expect(book.meaning(of: sale).isInert)
    book.grant([RoleSet(.append)], to: till)
    #expect(!book.meaning(of: sale).isInert)
    #expect(book.state.counts(Dot(origin: restored, sequence: 1), for: .append))
    #expect(!book.state.counts(sale.dot, for: .erase))
  }

  @Test("A revocation names sequences, so nothing that was dated back counts")
  func revocationByIncarnation() throws {
    var book = try TestBook()
    let phone = try makeOrigin(key: 2)
    let copy = try makeOrigin(key: 2, incarnation: 9)
    let grant = book.grant(RoleSet(.append), to: phone)
    for _ in 1...4 { book.append(try interaction(), by: phone) }
    let backdated = book.append(try interaction(occurred: 0), by: phone, recorded: 1)
    let elsewhere = book.append(try interaction(occurred: 0), by: copy, recorded: 1)
    let last = RevocationLimit([.init(incarnation: phone.incarnation, last: 4)])
    book.append(.revoking(grant: reference(grant), last: last), by: book.owner)

    let state = book.state
    #expect(state.counts(Dot(origin: phone, sequence: 4), for: .append))
    #expect(!state.counts(backdated.dot, for: .append))
    #expect(!state.counts(elsewhere.dot, for: .append))
    // Of two revocations the stricter holds, and a new grant counts beside them.
    book.append(.revoking(grant: reference(grant), last: RevocationLimit([])), by: book.owner)
    #expect(!book.state.counts(Dot(origin: phone, sequence: 1), for: .append))
    book.grant(RoleSet(.append), to: phone)
    #expect(book.state.counts(backdated.dot, for: .append))
  }

  @Test("A new grant with a start does not revive what a thief wrote")
  func grantAfterTheft() throws {
    var book = try TestBook()
    let phone = try makeOrigin(key: 2)
    let grant = book.grant(RoleSet(.append), to: phone)
    #expect(!book.state.isRevoked(phone.key))
    let sale = book.append(try interaction(), by: phone)
    let theft = book.append(try interaction(), by: phone)
    let last = RevocationLimit([.init(incarnation: phone.incarnation, last: 1)])
    book.append(.revoking(grant: reference(grant), last: last), by: book.owner)
    #expect(book.state.isRevoked(phone.key))

    let first = GrantStart([.init(incarnation: phone.incarnation, first: 3)])
    book.append(.granting(RoleSet(.append), to: phone.key, first: first), by: book.owner)
    let later = book.append(try interaction(), by: phone)
    #expect([sale, theft, later].map { book.meaning(of: $0).isInert } == [false, true, false])
    // An incarnation that the start does not list does not count.
    let copy = try makeOrigin(key: 2, incarnation: 9)
    #expect(book.state.roles(of: Dot(origin: copy, sequence: 5)).isEmpty)
  }

  @Test("An admin grants every role but admin, and only the owner takes admin away")
  func admins() throws {
    var book = try TestBook()
    let admin = try makeOrigin(key: 2)
    let other = try makeOrigin(key: 3)
    let till = try makeOrigin(key: 4)
    let adminGrant = book.grant([RoleSet(.admin), RoleSet(.append)], to: admin)
    book.grant(RoleSet(.admin), to: other)
    book.append(.granting([RoleSet(.admin), RoleSet(.erase)], to: till.key), by: admin)
    let tillDot = Dot(origin: till, sequence: 1)
    #expect(book.state.roles(of: tillDot) == RoleSet(.erase))

    // Another admin takes away what admins can give, and no more.
    let none = RevocationLimit([])
    book.append(.revoking(grant: reference(adminGrant), last: none), by: other)
    #expect(book.state.roles(of: Dot(origin: admin, sequence: 1)) == RoleSet(.admin))
    #expect(book.state.roles(of: tillDot) == RoleSet(.erase))
    book.append(.revoking(grant: reference(adminGrant), last: none), by: book.owner)
    #expect(book.state.roles(of: tillDot).isEmpty)
  }

  @Test("An admin that is revoked from a sequence on loses its later grants and revocations")
  func retroactiveRevocation() throws {
    var book = try TestBook()
    let admin = try makeOrigin(key: 2)
    let till = try makeOrigin(key: 3)
    let thief = try makeOrigin(key: 4)
    let adminGrant = book.grant(RoleSet(.admin), to: admin)
    let tillGrant = book.append(.granting(RoleSet(.append), to: till.key), by: admin)
    book.append(.granting(RoleSet.all, to: thief.key), by: admin)
    book.append(.revoking(grant: reference(tillGrant), last: RevocationLimit([])), by: admin)
    let tillDot = Dot(origin: till, sequence: 1)
    let thiefDot = Dot(origin: thief, sequence: 1)
    #expect(!book.state.counts(tillDot, for: .append))
    #expect(book.state.counts(thiefDot, for: .erase))

    let last = RevocationLimit([.init(incarnation: admin.incarnation, last: 1)])
    book.append(.revoking(grant: reference(adminGrant), last: last), by: book.owner)
    #expect(book.state.counts(tillDot, for: .append))
    #expect(book.state.roles(of: thiefDot).isEmpty)
  }

  @Test("A reference with another id names nothing")
  func forgedReference() throws {
    var book = try TestBook()
    let till = try makeOrigin(key: 2)
    let grant = book.grant(RoleSet(.append), to: till)
    let forged = EventReference(dot: grant.dot, idPrefix: idPrefix(of: grant) ^ 1)
    book.append(.revoking(grant: forged, last: RevocationLimit([])), by: book.owner)
    #expect(book.state.counts(Dot(origin: till, sequence: 1), for: .append))
  }

  @Test("Grants that the ungranted hand each other amount to nothing")
  func circleOfThieves() throws {
    var book = try TestBook()
    let one = try makeOrigin(key: 2)
    let two = try makeOrigin(key: 3)
    book.append(.granting(.all, to: two.key), by: one)
    book.append(.granting(.all, to: one.key), by: two)
    book.append(.granting(.all, to: one.key), by: one)
    #expect(book.state.roles(of: Dot(origin: one, sequence: 1)).isEmpty)
    #expect(book.state.roles(of: Dot(origin: two, sequence: 1)).isEmpty)
    #expect(book.state.grantedKeys.isEmpty)
  }
}
