internal import EventModel

/// What one customer does next, given what they did before.
struct Story {
  private enum Chapter {
    case browsing, deciding, paid, shipped, delivered, asked
  }

  private var chapter = Chapter.browsing
  private var orderID = ""
  private var amount: Int64 = 0
  private var isOnPhone = false

  /// The next scene; most of the time the story of an order goes on, else something else happens.
  mutating func advance(
    customer: SyntheticCustomer, using generator: inout SeededGenerator
  ) -> Scene {
    if generator.oneIn(4) { return aside(customer: customer, using: &generator) }
    switch chapter {
    case .browsing: return browse(using: &generator)
    case .deciding: return decide(customer: customer, using: &generator)
    case .paid:
      chapter = .shipped
      return order("order.shipped", .email, ["email"])
    case .shipped:
      chapter = .delivered
      return order("order.delivered", .email, ["email"])
    case .delivered:
      chapter = .asked
      return Scene(
        type: "survey.sent", channel: .email, identifierKinds: ["email"],
        facts: [field("survey", "nps"), field("order_id", orderID)])
    case .asked:
      chapter = .browsing
      return answerNPS(using: &generator)
    }
  }

  private mutating func browse(using generator: inout SeededGenerator) -> Scene {
    isOnPhone = generator.oneIn(3)
    if generator.oneIn(3) { chapter = .deciding }
    let product = generator.pick(products)
    return Scene(
      type: "product.viewed", channel: isOnPhone ? .mobile : .web,
      identifierKinds: isOnPhone ? ["device", "user"] : ["anonymous"],
      facts: [field("sku", product.sku), field("category", product.category)],
      personal: [field("name", product.name), field("url", "/p/\(product.sku)")])
  }

  private mutating func decide(
    customer: SyntheticCustomer, using generator: inout SeededGenerator
  ) -> Scene {
    let product = generator.pick(products)
    amount = product.cents
    let isInStore = generator.oneIn(3)
    orderID = "o-\(customer.number)-\(generator.next() % 100_000)"
    chapter = isInStore ? .delivered : .paid
    if isInStore {
      return Scene(
        type: "product.purchased", channel: .store, identifierKinds: ["loyalty"],
        facts: [
          field("sku", product.sku), field("receipt", orderID), money("price", amount),
          field("currency", "EUR"), Value.Field("quantity", .integer(1)),
          field("store_id", "s-\(customer.number % 7)"),
        ])
    }
    return Scene(
      type: "order.completed", channel: isOnPhone ? .mobile : .web,
      identifierKinds: ["anonymous", "email", "user"],
      facts: [field("order_id", orderID), money("total", amount), field("currency", "EUR")],
      traits: [field("name", customer.name)])
  }

  private func order(_ type: String, _ channel: Channel, _ kinds: [String]) -> Scene {
    Scene(
      type: type, channel: channel, identifierKinds: kinds,
      facts: [field("order_id", orderID), money("total", amount), field("currency", "EUR")])
  }

  private func answerNPS(using generator: inout SeededGenerator) -> Scene {
    let score = Int64(min(10, max(0, 11 - Int.random(in: 0...60, using: &generator) / 8)))
    return Scene(
      type: "survey.answered", channel: .other, identifierKinds: ["email"],
      facts: [
        field("survey", "nps"), Value.Field("score", .integer(score)), field("scale", "0-10"),
        field("order_id", orderID),
      ],
      personal: [field("comment", generator.pick(comments))])
  }

  /// Something that is not part of an order.
  private func aside(
    customer: SyntheticCustomer, using generator: inout SeededGenerator
  ) -> Scene {
    switch Int.random(in: 0..<7, using: &generator) {
    case 0:
      return Scene(
        type: "identity.identified", channel: .web,
        identifierKinds: ["anonymous", "email", "user"], traits: [field("name", customer.name)])
    case 1:
      return Scene(
        type: "call.ended", channel: .phone, identifierKinds: ["phone"],
        facts: [
          field("call_id", "c-\(generator.next() % 1_000_000)"), field("survey", "csat"),
          Value.Field("rating", .integer(Int64.random(in: 1...5, using: &generator))),
          Value.Field("duration_seconds", .integer(Int64.random(in: 20...900, using: &generator))),
        ])
    case 2:
      return Scene(
        type: "message.received", channel: .social, identifierKinds: ["handle"],
        facts: [field("direction", "in")], personal: [field("text", generator.pick(comments))])
    case 3:
      return Scene(
        type: "chat.message_received", channel: .chat, identifierKinds: ["email"],
        facts: [field("conversation_id", "v-\(customer.number)")],
        personal: [field("text", generator.pick(comments))])
    case 4:
      return Scene(
        type: "email.opened", channel: .email, identifierKinds: ["email"],
        facts: [field("campaign", "spring")])
    case 5:
      return Scene(
        type: "loyalty.points_earned", channel: .store, identifierKinds: ["loyalty", "phone"],
        facts: [Value.Field("points", .integer(Int64.random(in: 5...500, using: &generator)))])
    default:
      return Scene(
        type: "survey.answered", channel: .phone, identifierKinds: ["phone"],
        facts: [
          field("survey", "ces"), field("scale", "1-7"),
          Value.Field("score", .integer(Int64.random(in: 1...7, using: &generator))),
        ])
    }
  }

  private func field(_ name: String, _ text: String) -> Value.Field {
    Value.Field(name, .text(text))
  }

  private func money(_ name: String, _ cents: Int64) -> Value.Field {
    guard let amount = Decimal64(coefficient: cents, scale: 2) else {
      preconditionFailure("two places are fewer than eighteen")
    }
    return Value.Field(name, .decimal(amount))
  }
}

private struct Product {
  let sku, name, category: String
  let cents: Int64
}

private let products = [
  Product(sku: "kettle-1", name: "Kettle", category: "kitchen", cents: 3990),
  Product(sku: "lamp-2", name: "Reading lamp", category: "home", cents: 5450),
  Product(sku: "boots-3", name: "Hiking boots", category: "outdoor", cents: 12_900),
  Product(sku: "tent-4", name: "Two-person tent", category: "outdoor", cents: 18_995),
  Product(sku: "mug-5", name: "Enamel mug", category: "kitchen", cents: 850),
  Product(sku: "radio-6", name: "Kitchen radio", category: "electronics", cents: 7499),
]

private let comments = [
  "All good, thank you.", "The parcel came two days late.", "Could you check my order, please?",
  "Très bon accueil au magasin.", "La caja llegó abierta.", "お返事ありがとうございます。",
  "Waited far too long on the phone.", "Love the new kettle 🙂",
]
