internal import GRDB
internal import IdentityResolution
internal import ProjectionEngine

/// The tables of the profile projection, and what of them is in memory.
///
/// Invariants:
/// - Every identifier belongs to one customer; joined customers point at the one they became until
///   ``write(in:)`` relabels their rows.
/// - Between two writes the tables are the state at the last write; ``forget()`` goes back to it.
/// - Customer numbers are this replica's own; no answer shows them.
///
/// A class because the entries refer to each other: an identifier to its customer, a joined customer
/// to its successor.
final class CustomerTables {
  private var identifiers: [ExactText: IdentifierEntry] = [:]
  private var customers: [Int64: CustomerEntry] = [:]
  private var dirtyIdentifiers: [IdentifierEntry] = []
  private var dirtyCustomers: [CustomerEntry] = []
  private var joined: [CustomerEntry] = []
  private var nextNumber: Int64?
  private var byteCount = 0

  /// Memory is emptied after a write once the encoded forms of what it holds exceed this.
  static let byteCountMax = 32 << 20

  static let names = ["profile_identifiers", "profile_customers"]

  static func make(in database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE profile_identifiers(
          name BLOB NOT NULL PRIMARY KEY, customer INTEGER NOT NULL, sightings BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX profile_identifiers_customer ON profile_identifiers(customer);
        CREATE TABLE profile_customers(
          number INTEGER PRIMARY KEY, identifier_count INTEGER NOT NULL, state BLOB NOT NULL
        ) STRICT;
        """)
  }

  /// Drops what is in memory.
  func forget() {
    identifiers = [:]
    customers = [:]
    dirtyIdentifiers = []
    dirtyCustomers = []
    joined = []
    nextNumber = nil
    byteCount = 0
  }

  /// The customer of an identifier, or nothing when no event named it.
  func customer(of name: ExactText, in database: Database) throws -> CustomerEntry? {
    try identifier(name, in: database)?.root
  }

  /// The one customer that all of `names` belong to, joining those they belonged to before.
  ///
  /// The customer with fewer identifiers is relabelled, so an identifier's row is rewritten at most
  /// log₂ of the identifiers' number of times.
  func customer(
    joining shares: CustomerFold.Share, in database: Database
  ) throws -> CustomerEntry {
    let names = shares.mentions.map { ExactText($0.name) }
    let known = try names.map { try identifier($0, in: database) }
    var root: CustomerEntry?
    for entry in known.compactMap(\.self) {
      root = root.map { join($0, entry.root) } ?? entry.root
    }
    let customer = try root ?? makeCustomer(in: database)
    for (index, name) in names.enumerated() {
      let place = shares.mentions[index].place
      if let entry = known[index] {
        entry.sightings.add(key: shares.key, place: place, source: shares.source)
        touch(entry)
      } else {
        let sightings = IdentifierSightings(key: shares.key, place: place, source: shares.source)
        insert(name, sightings, of: customer)
      }
    }
    touch(customer)
    return customer
  }

  /// Enters a customer folded elsewhere.
  func insert(
    _ members: [ExactText: IdentifierSightings], _ state: CustomerState, in database: Database
  ) throws {
    let customer = try makeCustomer(in: database)
    customer.state = state
    for (name, sightings) in members.sorted(by: { $0.key < $1.key }) {
      insert(name, sightings, of: customer)
    }
  }

  /// Removes a customer from memory and tables; call after ``write(in:)``.
  ///
  /// - Returns: The identifiers that were the customer's.
  func remove(_ customer: CustomerEntry, in database: Database) throws -> [ExactText] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT name FROM profile_identifiers WHERE customer = ? ORDER BY name",
      arguments: [customer.number])
    let names = rows.map { ExactText([UInt8](blob: $0[0])) }
    try database.execute(
      sql: "DELETE FROM profile_identifiers WHERE customer = ?", arguments: [customer.number])
    try database.execute(
      sql: "DELETE FROM profile_customers WHERE number = ?", arguments: [customer.number])
    for name in names { identifiers[name] = nil }
    customers[customer.number] = nil
    return names
  }

  private func insert(
    _ name: ExactText, _ sightings: IdentifierSightings, of customer: CustomerEntry
  ) {
    let entry = IdentifierEntry(name: name, customer: customer, sightings: sightings)
    identifiers[name] = entry
    customer.identifierCount += 1
    touch(entry)
    touch(customer)
  }

  private func makeCustomer(in database: Database) throws -> CustomerEntry {
    let highest = try nextNumber.map { $0 - 1 } ?? Self.highestNumber(in: database)
    nextNumber = highest + 2
    let customer = CustomerEntry(
      number: highest + 1, identifierCount: 0, state: CustomerState(), isStored: false)
    customers[customer.number] = customer
    touch(customer)
    return customer
  }

  private static func highestNumber(in database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT max(number) FROM profile_customers") ?? 0
  }

  private func join(_ left: CustomerEntry, _ right: CustomerEntry) -> CustomerEntry {
    guard left !== right else { return left }
    let isLeftLarger =
      left.identifierCount != right.identifierCount
      ? left.identifierCount > right.identifierCount : left.number < right.number
    let (large, small) = isLeftLarger ? (left, right) : (right, left)
    large.state.merge(small.state)
    large.identifierCount += small.identifierCount
    small.successor = large
    joined.append(small)
    touch(large)
    return large
  }

  private func touch(_ entry: IdentifierEntry) {
    guard !entry.isDirty else { return }
    entry.isDirty = true
    dirtyIdentifiers.append(entry)
  }

  private func touch(_ entry: CustomerEntry) {
    guard !entry.isDirty else { return }
    entry.isDirty = true
    dirtyCustomers.append(entry)
  }
}

/// An identifier in memory.
final class IdentifierEntry {
  let name: ExactText
  var customer: CustomerEntry
  var sightings: IdentifierSightings
  var isDirty = false
  /// The size of the stored form, as far as it is known.
  var byteCount = 0

  init(name: ExactText, customer: CustomerEntry, sightings: IdentifierSightings) {
    self.name = name
    self.customer = customer
    self.sightings = sightings
  }

  /// The customer it belongs to now.
  var root: CustomerEntry {
    customer = customer.root
    return customer
  }
}

/// A customer in memory.
final class CustomerEntry {
  let number: Int64
  var identifierCount: Int64
  var state: CustomerState
  var isStored: Bool
  var isDirty = false
  /// The size of the stored form, as far as it is known.
  var byteCount = 0
  var successor: CustomerEntry?

  init(number: Int64, identifierCount: Int64, state: CustomerState, isStored: Bool) {
    self.number = number
    self.identifierCount = identifierCount
    self.state = state
    self.isStored = isStored
  }

  /// The customer this one became.
  var root: CustomerEntry {
    var at = self
    while let next = at.successor {
      if let beyond = next.successor { at.successor = beyond }
      at = next
    }
    return at
  }
}

extension CustomerTables {
  private func identifier(_ name: ExactText, in database: Database) throws -> IdentifierEntry? {
    if let entry = identifiers[name] { return entry }
    let statement = try database.cachedStatement(
      sql: "SELECT customer, sightings FROM profile_identifiers WHERE name = ?")
    guard let row = try Row.fetchOne(statement, arguments: [name.bytes.blob]) else { return nil }
    let bytes = [UInt8](blob: row[1])
    guard let sightings = try? IdentifierSightings(decoding: bytes) else {
      throw ProjectionFault.damagedViews(table: "profile_identifiers")
    }
    let customer = try customer(row[0], in: database)
    let entry = IdentifierEntry(name: name, customer: customer, sightings: sightings)
    identifiers[name] = entry
    count(bytes.count, for: &entry.byteCount)
    return entry
  }

  private func customer(_ number: Int64, in database: Database) throws -> CustomerEntry {
    if let entry = customers[number] { return entry }
    let statement = try database.cachedStatement(
      sql: "SELECT identifier_count, state FROM profile_customers WHERE number = ?")
    guard let row = try Row.fetchOne(statement, arguments: [number]),
      case let bytes = [UInt8](blob: row[1]), let state = try? CustomerState(decoding: bytes)
    else { throw ProjectionFault.damagedViews(table: "profile_customers") }
    let entry = CustomerEntry(
      number: number, identifierCount: row[0], state: state, isStored: true)
    customers[number] = entry
    count(bytes.count, for: &entry.byteCount)
    return entry
  }

  /// Keeps ``byteCount`` the sum of the encoded forms in memory.
  private func count(_ new: Int, for entryByteCount: inout Int) {
    byteCount += new - entryByteCount
    entryByteCount = new
  }

  /// Writes everything changed since the last write.
  func write(in database: Database) throws {
    for customer in joined { try relabel(customer, in: database) }
    joined = []
    let changed = dirtyIdentifiers.sorted { $0.name < $1.name }
    for entry in changed { try write(entry, in: database) }
    dirtyIdentifiers = []
    for entry in dirtyCustomers where entry.successor == nil { try write(entry, in: database) }
    dirtyCustomers = []
    if byteCount > Self.byteCountMax { forget() }
  }

  private func relabel(_ customer: CustomerEntry, in database: Database) throws {
    customers[customer.number] = nil
    guard customer.isStored else { return }
    let update = try database.cachedStatement(
      sql: "UPDATE profile_identifiers SET customer = ? WHERE customer = ?")
    try update.execute(arguments: [customer.root.number, customer.number])
    let delete = try database.cachedStatement(sql: "DELETE FROM profile_customers WHERE number = ?")
    try delete.execute(arguments: [customer.number])
  }

  private func write(_ entry: IdentifierEntry, in database: Database) throws {
    entry.isDirty = false
    let bytes = entry.sightings.encoded
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO profile_identifiers(name, customer, sightings) VALUES(?,?,?)
        ON CONFLICT(name) DO UPDATE SET customer = excluded.customer, sightings = excluded.sightings
        """)
    try statement.execute(arguments: [entry.name.bytes.blob, entry.root.number, bytes.blob])
    count(entry.name.bytes.count + bytes.count, for: &entry.byteCount)
  }

  private func write(_ entry: CustomerEntry, in database: Database) throws {
    entry.isDirty = false
    entry.isStored = true
    let bytes = entry.state.encoded
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO profile_customers(number, identifier_count, state) VALUES(?,?,?)
        ON CONFLICT(number) DO UPDATE
          SET identifier_count = excluded.identifier_count, state = excluded.state
        """)
    try statement.execute(arguments: [entry.number, entry.identifierCount, bytes.blob])
    count(bytes.count, for: &entry.byteCount)
  }
}
