package import EventModel

/// The customers that a set of claims implies: a pure function of the claims, whatever their order.
///
/// Holds every identifier in memory; read models that cannot keep their own incremental form and are
/// tested against this one.
package struct IdentityPartition: Sendable {
  private let rules: IdentityRules
  private var indices: [[UInt8]: Int] = [:]
  private var names: [[UInt8]] = []
  private var sets = DisjointSets()

  /// No claims yet.
  package init(rules: IdentityRules) { self.rules = rules }

  /// Takes the claim of each person section of the event that its identifiers are one customer.
  package mutating func add(_ event: Event) {
    rules.forEachPerson(in: event) { _, mentions in
      let members = mentions.map { index(of: $0.name) }
      for member in members.dropFirst() { sets.join(members[0], member) }
    }
  }

  private mutating func index(of name: [UInt8]) -> Int {
    if let index = indices[name] { return index }
    let index = sets.makeElement()
    indices[name] = index
    names.append(name)
    return index
  }

  /// The customers, each as the UTF-8 of its identifiers in byte order, ordered by the first of them.
  package mutating func customers() -> [[[UInt8]]] {
    var members: [Int: [[UInt8]]] = [:]
    for (index, name) in names.enumerated() {
      members[sets.root(of: index), default: []].append(name)
    }
    return members.values
      .map { $0.sorted { $0.lexicographicallyPrecedes($1) } }
      .sorted { $0[0].lexicographicallyPrecedes($1[0]) }
  }
}

/// Disjoint sets of the integers from 0, with union by size and path halving.
///
/// Source: Tarjan and van Leeuwen, *Worst-Case Analysis of Set Union Algorithms*, 1984.
struct DisjointSets: Sendable {
  private var parents: [Int] = []
  private var sizes: [Int] = []

  /// Adds the next integer as a set of its own.
  mutating func makeElement() -> Int {
    parents.append(parents.count)
    sizes.append(1)
    return parents.count - 1
  }

  /// The integer that stands for the set of `element`.
  mutating func root(of element: Int) -> Int {
    var at = element
    while parents[at] != at {
      parents[at] = parents[parents[at]]
      at = parents[at]
    }
    return at
  }

  /// Makes one set of the sets of two elements.
  mutating func join(_ left: Int, _ right: Int) {
    let (one, other) = (root(of: left), root(of: right))
    guard one != other else { return }
    let (large, small) = sizes[one] >= sizes[other] ? (one, other) : (other, one)
    parents[small] = large
    sizes[large] += sizes[small]
  }
}
