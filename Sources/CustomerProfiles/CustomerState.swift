internal import BookRules
internal import EventModel
internal import HybridTime
internal import IdentityResolution
internal import ProjectionEngine

/// What is known of one customer, apart from the identifiers.
///
/// A commutative monoid, changed only by adding and merging: ``merge(_:)`` of states folded from disjoint sets of events is the state of
/// their union, in any order and grouping, so linking two customers needs no event read again. It has
/// no inverse; a customer who loses an event is folded anew.
package struct CustomerState: Hashable, Sendable {
  /// The best identifier's claim, which names the profile.
  var profileKey: ProfileKey?
  /// By channel, ascending.
  var channels: [ChannelActivity] = []
  /// By name, at most ``attributeCountMax``: the first in byte order.
  var attributes: [Attribute] = []
  var stage: Latest<JourneyStage>?
  /// The latest answer to each metric, by raw value.
  var scores: [Latest<Int64>?] = [nil, nil, nil]
  var orderCount: UInt64 = 0
  /// By currency, ascending.
  var spent: [MoneyTotal] = []
  /// The latest days with a purchase, counted from 1970-01-01, ascending, each once.
  var purchaseDays: [Int32] = []
  var lastPurchaseMilliseconds: Int64?
  /// Newest first.
  var lastInteractions: [InteractionBrief] = []

  /// Nothing known.
  package init() {}

  /// How many attributes a customer can have.
  static let attributeCountMax = 256
  /// How many interactions a profile shows.
  static let interactionCountMax = 10
  /// How many days with a purchase are told apart: eleven years of one every day.
  static let purchaseDayCountMax = 4096

  /// What happened on one channel.
  struct ChannelActivity: Hashable {
    let channel: Channel
    var eventCount: UInt64
    var firstMilliseconds: Int64
    var lastMilliseconds: Int64
  }

  /// A value and the event that said it last.
  struct Latest<Content: Hashable & Sendable>: Hashable, Sendable {
    let key: FoldKey
    let content: Content
  }

  /// A line about an interaction.
  struct InteractionBrief: Hashable {
    let key: FoldKey
    let channel: Channel
    let type: EventType
  }
}

extension CustomerState {
  /// Takes in an interaction of the customer.
  mutating func add(_ interaction: Interaction) {
    let time = interaction.key.effectiveMilliseconds
    add(
      ChannelActivity(
        channel: interaction.channel, eventCount: 1, firstMilliseconds: time,
        lastMilliseconds: time))
    add(
      InteractionBrief(
        key: interaction.key, channel: interaction.channel, type: interaction.type))
    if let stage = interaction.stage {
      self.stage = later(self.stage, Latest(key: interaction.key, content: stage))
    }
    if let answer = interaction.answer {
      let index = Int(answer.metric.rawValue)
      scores[index] = later(scores[index], Latest(key: interaction.key, content: answer.value))
    }
    if interaction.isOrder { orderCount &+= 1 }
    if let amount = interaction.amount { add(amount) }
    if interaction.isPurchase {
      lastPurchaseMilliseconds = max(lastPurchaseMilliseconds ?? time, time)
      add(purchaseDay: Self.day(time))
    }
  }

  /// Takes in what a section says about the customer.
  mutating func add(_ reading: Attribute.Reading, of name: ExactText) {
    let place = attributes.partitioningIndex { !($0.name < name) }
    if place < attributes.count, attributes[place].name == name {
      attributes[place].add(reading)
    } else if place < Self.attributeCountMax {
      attributes.insert(Attribute(name: name, readings: [reading]), at: place)
      if attributes.count > Self.attributeCountMax { attributes.removeLast() }
    }
  }

  /// Takes in a state folded from other events.
  package mutating func merge(_ other: CustomerState) {
    claimProfile(other.profileKey)
    for activity in other.channels { add(activity) }
    for attribute in other.attributes { merge(attribute) }
    if let stage = other.stage { self.stage = later(self.stage, stage) }
    for (index, score) in other.scores.enumerated() {
      if let score { scores[index] = later(scores[index], score) }
    }
    orderCount &+= other.orderCount
    for amount in other.spent { add(amount) }
    for day in other.purchaseDays { add(purchaseDay: day) }
    if let time = other.lastPurchaseMilliseconds {
      lastPurchaseMilliseconds = max(lastPurchaseMilliseconds ?? time, time)
    }
    for interaction in other.lastInteractions { add(interaction) }
  }

  /// Lets an identifier of the customer name the profile, when its claim is stronger.
  mutating func claimProfile(_ key: ProfileKey?) {
    guard let key else { return }
    profileKey = profileKey.map { min($0, key) } ?? key
  }

  /// The day of a time, counted from 1970-01-01 in UTC; times outside the years 1 to 9999 count as
  /// the nearest day within.
  static func day(_ milliseconds: Int64) -> Int32 {
    let clamped = min(max(milliseconds, CivilTime.millisecondsMin), CivilTime.millisecondsMax)
    let (days, rest) = clamped.quotientAndRemainder(dividingBy: 86_400_000)
    return Int32(days) - (rest < 0 ? 1 : 0)
  }

  private mutating func add(_ activity: ChannelActivity) {
    let place = channels.partitioningIndex { !($0.channel < activity.channel) }
    guard place < channels.count, channels[place].channel == activity.channel else {
      return channels.insert(activity, at: place)
    }
    channels[place].eventCount &+= activity.eventCount
    channels[place].firstMilliseconds = min(
      channels[place].firstMilliseconds, activity.firstMilliseconds)
    channels[place].lastMilliseconds = max(
      channels[place].lastMilliseconds, activity.lastMilliseconds)
  }

  private mutating func merge(_ attribute: Attribute) {
    let place = attributes.partitioningIndex { !($0.name < attribute.name) }
    if place < attributes.count, attributes[place].name == attribute.name {
      attributes[place].merge(attribute)
    } else if place < Self.attributeCountMax {
      attributes.insert(attribute, at: place)
      if attributes.count > Self.attributeCountMax { attributes.removeLast() }
    }
  }

  private mutating func add(_ interaction: InteractionBrief) {
    let place = lastInteractions.firstIndex { $0.key < interaction.key }
    guard place != nil || lastInteractions.count < Self.interactionCountMax else { return }
    lastInteractions.insert(interaction, at: place ?? lastInteractions.endIndex)
    if lastInteractions.count > Self.interactionCountMax { lastInteractions.removeLast() }
  }

  private mutating func add(_ amount: MoneyTotal) {
    let place = spent.partitioningIndex { !($0.currency < amount.currency) }
    if place < spent.count, spent[place].currency == amount.currency {
      spent[place].add(amount.units)
    } else {
      spent.insert(amount, at: place)
    }
  }

  private mutating func add(purchaseDay day: Int32) {
    let place = purchaseDays.partitioningIndex { $0 >= day }
    if place < purchaseDays.count, purchaseDays[place] == day { return }
    purchaseDays.insert(day, at: place)
    if purchaseDays.count > Self.purchaseDayCountMax { purchaseDays.removeFirst() }
  }

  private func later<Content>(_ left: Latest<Content>?, _ right: Latest<Content>) -> Latest<Content>
  {
    guard let left, right.key < left.key else { return right }
    return left
  }
}

extension Array {
  /// The first index whose element has the property, in an array where those that have it come last.
  /// Tries the end first, where ascending input lands. O(log n).
  func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
    if let last, !belongsAfter(last) { return count }
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
