internal import HybridTime

/// For each role, which sequences of one incarnation count: those of all grants together.
struct RoleRuns: Hashable, Sendable {
  /// By the role's raw value; empty when no role counts.
  private var runs: [IntervalSet] = []

  /// No sequence counts for any role.
  static let none = RoleRuns()

  private init() {}

  /// Whether `sequence` counts for `role`. O(log runs), allocates nothing.
  func contains(_ sequence: UInt64, for role: Role) -> Bool {
    !runs.isEmpty && runs[Int(role.rawValue)].contains(sequence)
  }

  /// Lets a run count for `roles`.
  mutating func insert(_ run: IntervalSet.Run, for roles: RoleSet) {
    if runs.isEmpty { runs = Array(repeating: IntervalSet(), count: Role.allCases.count) }
    for role in roles.roles { runs[Int(role.rawValue)].insert(run) }
  }

  /// The roles for which `sequence` counts.
  func roles(at sequence: UInt64) -> RoleSet {
    Role.allCases.reduce(into: RoleSet(rawValue: 0)) { roles, role in
      if contains(sequence, for: role) { roles.formUnion(RoleSet(role)) }
    }
  }
}

/// What the counting grants of one key amount to.
struct KeyStanding: Hashable, Sendable {
  struct Listed: Hashable, Sendable {
    let incarnation: UInt64
    let runs: RoleRuns
  }

  /// Incarnations that a grant or a revocation lists, ascending.
  let listed: [Listed]
  /// All other incarnations.
  let unlisted: RoleRuns

  /// What counts of `incarnation`. O(log listed), allocates nothing.
  func runs(of incarnation: UInt64) -> RoleRuns {
    let index = listed.partitioningIndex { $0.incarnation >= incarnation }
    guard index < listed.count, listed[index].incarnation == incarnation else { return unlisted }
    return listed[index].runs
  }
}

/// Some roles of one grant, from where they count, and the revocations that count for them.
struct Tenure {
  let roles: RoleSet
  let first: GrantStart?
  let revocations: [RevocationLimit]

  /// The sequences of `incarnation` that count.
  func run(of incarnation: UInt64) -> IntervalSet.Run? {
    let last = revocations.reduce(UInt64.max) { min($0, $1[incarnation]) }
    guard let first = first.map({ $0[incarnation] }) ?? 1, first <= last else { return nil }
    return IntervalSet.Run(first: first, last: last)
  }

  /// Whether all sequences count of an incarnation that neither grant nor revocations list.
  var countsUnlisted: Bool { first == nil && revocations.isEmpty }

  /// The incarnations that grant and revocations list.
  var incarnations: [UInt64] {
    revocations.flatMap { $0.entries.map(\.incarnation) }
      + (first?.entries.map(\.incarnation) ?? [])
  }
}

extension KeyStanding {
  /// What `tenures` of one key amount to. O(incarnations listed × tenures × log).
  init(_ tenures: [Tenure]) {
    var unlisted = RoleRuns.none
    for tenure in tenures where tenure.countsUnlisted {
      unlisted.insert(IntervalSet.Run(first: 1, last: .max), for: tenure.roles)
    }
    self.unlisted = unlisted
    listed = Set(tenures.flatMap(\.incarnations)).sorted().map { incarnation in
      var runs = RoleRuns.none
      for tenure in tenures {
        if let run = tenure.run(of: incarnation) { runs.insert(run, for: tenure.roles) }
      }
      return Listed(incarnation: incarnation, runs: runs)
    }
  }
}
