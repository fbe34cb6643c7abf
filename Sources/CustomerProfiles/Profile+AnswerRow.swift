internal import BinaryCoding
internal import BookRules
internal import EventModel
internal import ProjectionEngine

// A profile's answer row, by natural keys: no profile id, dot, position, recorded or received time.
// Counts and lengths are varints, times signed varints in milliseconds since 1970, in this order:
//
//   row := identifiers: count, (kind:value, first, last, sources: count, text*)*,
//          attributes: count, (name, readings: count, (occurred, channel u8, source, value)*)*,
//          channels: count, (channel u8, events, first, last)*,
//          stage text or empty, 3 × (count 0…1, occurred, score), orders,
//          spent: count, (currency, amount text)*, purchase days: count, day*,
//          last purchase: count 0…1, time, interactions: count, (occurred, channel u8, type)*

extension Profile {
  /// The answer in the form that projection digests cover.
  var answerRow: [UInt8] {
    var writer = ByteWriter(capacity: 512)
    writer.writeEach(identifiers) { writer, identifier in
      writer.writeLengthPrefixed(identifier.name.bytes)
      writer.writeSignedVarint(identifier.sightings.firstMilliseconds)
      writer.writeSignedVarint(identifier.sightings.lastMilliseconds)
      writer.writeEach(identifier.sightings.sources) { $0.writeLengthPrefixed($1.bytes) }
    }
    state.writeAnswers(to: &writer)
    return writer.bytes
  }
}

extension CustomerState {
  fileprivate func writeAnswers(to writer: inout ByteWriter) {
    writer.writeEach(attributes) { writer, attribute in
      writer.writeLengthPrefixed(attribute.name.bytes)
      writer.writeEach(attribute.readings) { writer, reading in
        writer.writeSignedVarint(reading.key.effectiveMilliseconds)
        writer.write(reading.channel.rawValue)
        writer.writeLengthPrefixed(reading.source.bytes)
        writer.writeLengthPrefixed(reading.value)
      }
    }
    writer.writeEach(channels) { writer, activity in
      writer.write(activity.channel.rawValue)
      writer.writeVarint(activity.eventCount)
      writer.writeSignedVarint(activity.firstMilliseconds)
      writer.writeSignedVarint(activity.lastMilliseconds)
    }
    writer.writeLengthPrefixed(stage?.content.rawValue ?? "")
    for score in scores {
      writer.writeEach(score.map { [$0] } ?? []) { writer, score in
        writer.writeSignedVarint(score.key.effectiveMilliseconds)
        writer.writeSignedVarint(score.content)
      }
    }
    writeCommerceAnswers(to: &writer)
    writer.writeEach(lastInteractions) { writer, interaction in
      writer.writeSignedVarint(interaction.key.effectiveMilliseconds)
      writer.write(interaction.channel.rawValue)
      writer.writeLengthPrefixed(interaction.type.name)
    }
  }

  private func writeCommerceAnswers(to writer: inout ByteWriter) {
    writer.writeVarint(orderCount)
    writer.writeEach(spent) { writer, amount in
      writer.writeLengthPrefixed(amount.currency)
      writer.writeLengthPrefixed(amount.amount)
    }
    writer.writeEach(purchaseDays) { $0.writeSignedVarint(Int64($1)) }
    writer.writeEach(lastPurchaseMilliseconds.map { [$0] } ?? []) { $0.writeSignedVarint($1) }
  }
}

extension ByteWriter {
  fileprivate mutating func writeEach<Element>(
    _ elements: [Element], _ write: (inout ByteWriter, Element) -> Void
  ) {
    writeVarint(UInt64(elements.count))
    for element in elements { write(&self, element) }
  }
}
