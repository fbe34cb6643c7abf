internal import BinaryCoding
internal import BookRules
internal import EventModel
internal import ProjectionEngine

/// One thing that sources say about a customer, with the latest word of each.
///
/// Invariant: readings are newest first, at most ``readingCountMax``, one for each pair of channel and
/// source. The newest is the attribute's value; others that differ are its conflicts.
struct Attribute: Hashable {
  /// What one source said last on one channel.
  struct Reading: Hashable {
    let key: FoldKey
    let channel: Channel
    let source: ExactText
    /// The value in its canonical encoding.
    let value: [UInt8]

    /// Whether the other one is the later word. Two sections of one event can say different things of
    /// one customer under one key; then the greater encoding counts.
    func isBefore(_ other: Reading) -> Bool {
      key != other.key ? key < other.key : value.lexicographicallyPrecedes(other.value)
    }

    var decoded: Value {
      var reader = ByteReader(value.span)
      return (try? Value(from: &reader)) ?? .null
    }
  }

  let name: ExactText
  var readings: [Reading]

  /// How many pairs of channel and source are remembered for an attribute: the latest ones.
  static let readingCountMax = 8
  /// Values that take more bytes than this stay in their event and are no attribute.
  static let valueByteCountMax = 4096

  /// Takes a reading in. Order, repetition and grouping of readings do not matter: the result is the
  /// latest of each pair, and of those the latest eight.
  mutating func add(_ reading: Reading) {
    if let same = readings.firstIndex(where: {
      $0.channel == reading.channel && $0.source == reading.source
    }) {
      guard readings[same].isBefore(reading) else { return }
      readings.remove(at: same)
    }
    let place = readings.firstIndex { $0.key < reading.key } ?? readings.endIndex
    readings.insert(reading, at: place)
    if readings.count > Self.readingCountMax { readings.removeLast() }
  }

  /// Takes in all readings of the same attribute elsewhere.
  mutating func merge(_ other: Attribute) {
    for reading in other.readings { add(reading) }
  }
}
