internal import GRDB
internal import ProjectionEngine

/// Reads profiles out of the tables.
struct CustomerReader {
  let database: Database

  /// The profile that an identifier belongs to, or nothing when no counting event names it.
  func profile(of name: ExactText) throws -> Profile? {
    let number = try Int64.fetchOne(
      database, sql: "SELECT customer FROM profile_identifiers WHERE name = ?",
      arguments: [name.bytes.blob])
    guard let number else { return nil }
    let state = try DatabaseValue.fetchOne(
      database, sql: "SELECT state FROM profile_customers WHERE number = ?", arguments: [number])
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT name, sightings FROM profile_identifiers WHERE customer = ? ORDER BY name",
      arguments: [number])
    return Profile(
      identifiers: try rows.map { try Self.identifier($0[0], $0[1]) },
      state: try Self.state(state ?? .null))
  }

  /// The names of all identifiers of the customer that `name` belongs to.
  func names(besides name: ExactText) throws -> [ExactText] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT name FROM profile_identifiers WHERE customer =
          (SELECT customer FROM profile_identifiers WHERE name = ?) ORDER BY name
        """, arguments: [name.bytes.blob]
    ).map { ExactText([UInt8](blob: $0[0])) }
  }

  /// Calls `body` with every profile, one in memory at a time.
  func forEachProfile(_ body: (Profile) -> Void) throws {
    let identifiers = try Row.fetchCursor(
      database,
      sql: "SELECT customer, name, sightings FROM profile_identifiers ORDER BY customer, name")
    let customers = try Row.fetchCursor(
      database, sql: "SELECT number, state FROM profile_customers ORDER BY number")
    var next = try identifiers.next().map(Member.init)
    while let row = try customers.next() {
      let number: Int64 = row[0]
      var members: [Profile.Identifier] = []
      while let member = next, member.customer == number {
        members.append(try Self.identifier(member.name, member.sightings))
        next = try identifiers.next().map(Member.init)
      }
      guard !members.isEmpty else {
        throw ProjectionFault.damagedViews(table: "profile_identifiers")
      }
      body(Profile(identifiers: members, state: try Self.state(row[1])))
    }
    guard next == nil else { throw ProjectionFault.damagedViews(table: "profile_customers") }
  }

  /// One row of the identifiers' table.
  private struct Member {
    let customer: Int64
    let name: DatabaseValue
    let sightings: DatabaseValue

    init(_ row: Row) {
      customer = row[0]
      name = row[1]
      sightings = row[2]
    }
  }

  private static func identifier(
    _ name: DatabaseValue, _ sightings: DatabaseValue
  ) throws -> Profile.Identifier {
    guard let sightings = try? IdentifierSightings(decoding: [UInt8](blob: sightings)) else {
      throw ProjectionFault.damagedViews(table: "profile_identifiers")
    }
    return Profile.Identifier(name: ExactText([UInt8](blob: name)), sightings: sightings)
  }

  private static func state(_ blob: DatabaseValue) throws -> CustomerState {
    guard let state = try? CustomerState(decoding: [UInt8](blob: blob)) else {
      throw ProjectionFault.damagedViews(table: "profile_customers")
    }
    return state
  }
}
