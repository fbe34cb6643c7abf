package import EventModel

/// A made-up customer.
package struct SyntheticCustomer: Sendable {
  /// The customer's number in the workload, from 0.
  package let number: Int
  /// A made-up full name.
  package let name: String
  /// Every identifier, by kind; a channel shows only some of them.
  package let identifiers: [Identifier]

  private static let firstNames = [
    "Ada", "Bruno", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Inés", "Jonas", "Kwame",
    "Lucía", "Mei", "Noor", "Olga", "Paulo", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Vera",
  ]
  private static let lastNames = [
    "Abara", "Bianchi", "Carvalho", "Dubois", "Eriksen", "Fischer", "García", "Hassan", "Ivanova",
    "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Pereira", "Quispe", "Rossi",
  ]

  init(number: Int, using generator: inout SeededGenerator) {
    self.number = number
    let first = generator.pick(Self.firstNames)
    let last = generator.pick(Self.lastNames)
    name = first + " " + last
    let letters = (first + last).lowercased().utf8.filter { $0 < 0x80 }
    let account = String(decoding: letters, as: UTF8.self) + String(number)
    identifiers = [
      Identifier(kind: "anonymous", value: "a-\(generator.next())"),
      Identifier(kind: "device", value: "d-\(generator.next())"),
      Identifier(kind: "email", value: account + "@example.com"),
      Identifier(kind: "handle", value: "@" + account),
      Identifier(kind: "loyalty", value: "card-\(100_000 + number)"),
      Identifier(kind: "phone", value: "+99955\(1_000_000 + number)"),
      Identifier(kind: "user", value: "u-\(number)"),
    ]
  }

  /// The identifiers of these kinds, in canonical order.
  package func identifiers(_ kinds: [String]) -> [Identifier] {
    identifiers.filter { kinds.contains($0.kind) }
  }
}
