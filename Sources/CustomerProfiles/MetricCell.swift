internal import BookRules
internal import EventModel
internal import ProjectionEngine

/// What one answer is counted under.
struct MetricCell: Hashable {
  let metric: ExperienceMetric
  let channel: Channel
  /// The UTC day of the effective time, counted from 1970-01-01.
  let day: Int32
  /// Empty when the event states none; so are agent and product.
  let touchpoint: ExactText
  let agent: ExactText
  /// `product_id`, else `sku`.
  let product: ExactText
  let score: Int64

  /// The cell of an event's answer, or nothing when it gives none.
  init?(_ event: Event, key: FoldKey, documents: DocumentsInForce) {
    let facts = event.facts
    guard let answer = documents.scales(at: key).score(facts) else { return nil }
    metric = answer.metric
    score = answer.value
    channel = event.channel
    day = CustomerState.day(key.effectiveMilliseconds)
    touchpoint = facts.exactText(ReservedName.touchpoint)
    agent = facts.exactText("agent")
    let product = facts.exactText("product_id")
    self.product = product.bytes.isEmpty ? facts.exactText("sku") : product
  }

  init(
    metric: ExperienceMetric, channel: Channel, day: Int32, touchpoint: ExactText,
    agent: ExactText, product: ExactText, score: Int64
  ) {
    self.metric = metric
    self.channel = channel
    self.day = day
    self.touchpoint = touchpoint
    self.agent = agent
    self.product = product
    self.score = score
  }

  /// The month of the day, such as `2026-11`.
  var month: String { CivilTime.month(milliseconds: Int64(day) * 86_400_000) }
}

extension Section {
  fileprivate func exactText(_ name: StaticString) -> ExactText {
    ExactText(textRange(name).map { Array(bytes[$0]) } ?? [])
  }
}
