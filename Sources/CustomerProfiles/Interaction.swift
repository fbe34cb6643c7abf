internal import BookRules
internal import EventModel
internal import HybridTime

/// What one event says about the person it is about, read once.
///
/// `docs/metrics.md` defines what counts as an order, a purchase and an amount.
struct Interaction {
  let key: FoldKey
  let channel: Channel
  let type: EventType
  let stage: JourneyStage?
  let answer: MetricScales.Score?
  let isOrder: Bool
  let isPurchase: Bool
  /// What the customer spent, negative for what came back.
  let amount: MoneyTotal?

  init(_ event: Event, key: FoldKey, documents: DocumentsInForce) {
    self.key = key
    channel = event.channel
    type = event.type
    stage = documents.stage(of: event, at: key)
    answer = documents.scales(at: key).score(event.facts)
    let trade = Trade(event)
    isOrder = trade == .order
    isPurchase = trade == .order || trade == .sale
    amount = trade?.units(event.facts).map {
      MoneyTotal(currency: MoneyTotal.currency(of: event.facts), units: $0)
    }
  }
}

/// How an event moves money between customer and company.
private enum Trade: Hashable {
  /// An order was completed.
  case order
  /// One line was sold over the counter, outside any order.
  case sale
  /// Goods came back.
  case goodsReturned
  /// An order was called off or its money paid back.
  case orderReversed

  init?(_ event: Event) {
    switch event.type.name {
    case "order.completed": self = .order
    case "product.purchased":
      guard event.facts.range(of: "order_id") == nil else { return nil }
      self = .sale
    case "product.returned": self = .goodsReturned
    case "order.refunded", "order.cancelled": self = .orderReversed
    default: return nil
    }
  }

  /// The amount in units of 10⁻¹⁸, as far as the facts state one.
  func units(_ facts: Section) -> Int128? {
    switch self {
    case .order: MoneyTotal.units(facts.value("total")) ?? MoneyTotal.units(facts.value("revenue"))
    case .orderReversed: MoneyTotal.units(facts.value("total")).map { -Int128($0.magnitude) }
    case .sale: Self.lineUnits(facts)
    case .goodsReturned: Self.lineUnits(facts).map { -Int128($0.magnitude) }
    }
  }

  private static func lineUnits(_ facts: Section) -> Int128? {
    if let stated = MoneyTotal.units(facts.value("sales_value")) { return stated }
    guard let price = MoneyTotal.units(facts.value("price")) else { return nil }
    return MoneyTotal.product(price, facts.integer("quantity") ?? 1)
  }
}
