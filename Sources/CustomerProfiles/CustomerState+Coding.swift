package import BinaryCoding
internal import BookRules
internal import EventModel
internal import HybridTime
internal import IdentityResolution
internal import ProjectionEngine

// A stored state; `[x]` is an optional x: a byte 0, or a byte 1 and x. Texts are length-prefixed.
//
//   state    := origin count varint, origin 40 bytes each,
//               [rank varint, recorded u64, dot, place varint],
//               channels: count, (channel u8, events varint, first, last)*,
//               attributes: count, (name, reading count, (key, channel u8, source, value)*)*,
//               [key, stage text], 3 × [key, score signed varint], orders varint,
//               spent: count, (currency, high u64, low u64)*,
//               purchase days: count, day signed varint each,
//               [last purchase], interactions: count, (key, channel u8, type)*
//   key      := effective signed varint, recorded u64, dot
//   dot      := index of the origin varint, sequence varint

extension CustomerState {
  /// The stored form. Equal states have equal forms.
  package var encoded: [UInt8] {
    var body = StateWriter()
    write(to: &body)
    var writer = ByteWriter(capacity: body.writer.count + 64)
    writer.writeVarint(UInt64(body.origins.count))
    for origin in body.origins { origin.write(to: &writer) }
    writer.write(body.writer.bytes)
    return writer.bytes
  }

  private func write(to body: inout StateWriter) {
    body.write(profileKey) { body, key in
      body.writer.writeVarint(UInt64(key.rank))
      body.writer.write(key.node.recorded.rawValue)
      body.write(key.node.dot)
      body.writer.writeVarint(UInt64(key.node.place))
    }
    body.writeEach(channels) { body, activity in
      body.writer.write(activity.channel.rawValue)
      body.writer.writeVarint(activity.eventCount)
      body.writer.writeSignedVarint(activity.firstMilliseconds)
      body.writer.writeSignedVarint(activity.lastMilliseconds)
    }
    body.writeEach(attributes) { body, attribute in
      body.writer.writeLengthPrefixed(attribute.name.bytes)
      body.writeEach(attribute.readings) { body, reading in
        body.write(reading.key)
        body.writer.write(reading.channel.rawValue)
        body.writer.writeLengthPrefixed(reading.source.bytes)
        body.writer.writeLengthPrefixed(reading.value)
      }
    }
    body.write(stage) { body, stage in
      body.write(stage.key)
      body.writer.writeLengthPrefixed(stage.content.rawValue)
    }
    for score in scores {
      body.write(score) { body, score in
        body.write(score.key)
        body.writer.writeSignedVarint(score.content)
      }
    }
    writeCommerce(to: &body)
    body.writeEach(lastInteractions) { body, interaction in
      body.write(interaction.key)
      body.writer.write(interaction.channel.rawValue)
      body.writer.writeLengthPrefixed(interaction.type.name)
    }
  }

  private func writeCommerce(to body: inout StateWriter) {
    body.writer.writeVarint(orderCount)
    body.writeEach(spent) { body, amount in
      body.writer.writeLengthPrefixed(amount.currency)
      body.writer.write(UInt64(truncatingIfNeeded: amount.units >> 64))
      body.writer.write(UInt64(truncatingIfNeeded: amount.units))
    }
    body.writeEach(purchaseDays) { body, day in body.writer.writeSignedVarint(Int64(day)) }
    body.write(lastPurchaseMilliseconds) { body, time in body.writer.writeSignedVarint(time) }
  }

  /// Reads the stored form; whatever the bytes, it returns or throws.
  ///
  /// - Parameter bytes: A whole state and nothing else.
  /// - Throws: ``DecodingFault``.
  package init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    var origins: [OriginID] = []
    for _ in 0..<(try reader.readCount(max: bytes.count)) {
      origins.append(try OriginID(from: &reader))
    }
    try self.init(from: &reader, origins: origins)
    try reader.expectEnd()
  }

  private init(from reader: inout ByteReader, origins: [OriginID]) throws(DecodingFault) {
    let limit = reader.remaining
    if try reader.readFlag() {
      let rank = try reader.readCount(max: 255)
      let recorded = HybridTimestamp(rawValue: try reader.readUInt64())
      let dot = try reader.readDot(origins)
      let place = try reader.readCount(max: 1 << 24)
      profileKey = ProfileKey(
        rank: rank, node: NodeKey(recorded: recorded, dot: dot, place: place))
    }
    for _ in 0..<(try reader.readCount(max: limit)) {
      channels.append(
        ChannelActivity(
          channel: try reader.readChannel(), eventCount: try reader.readVarint(),
          firstMilliseconds: try reader.readSignedVarint(),
          lastMilliseconds: try reader.readSignedVarint()))
    }
    for _ in 0..<(try reader.readCount(max: Self.attributeCountMax)) {
      attributes.append(try Attribute(from: &reader, origins: origins))
    }
    if try reader.readFlag() {
      let key = try reader.readFoldKey(origins)
      stage = Latest(key: key, content: try reader.readStage())
    }
    for index in scores.indices where try reader.readFlag() {
      let key = try reader.readFoldKey(origins)
      scores[index] = Latest(key: key, content: try reader.readSignedVarint())
    }
    try readCommerce(from: &reader)
    for _ in 0..<(try reader.readCount(max: Self.interactionCountMax)) {
      let key = try reader.readFoldKey(origins)
      lastInteractions.append(
        InteractionBrief(
          key: key, channel: try reader.readChannel(), type: try reader.readEventType()))
    }
  }

  private mutating func readCommerce(from reader: inout ByteReader) throws(DecodingFault) {
    let limit = reader.remaining
    orderCount = try reader.readVarint()
    for _ in 0..<(try reader.readCount(max: limit)) {
      let currency = try reader.readShortText()
      let high = Int128(Int64(bitPattern: try reader.readUInt64()))
      spent.append(
        MoneyTotal(currency: currency, units: high << 64 | Int128(try reader.readUInt64())))
    }
    for _ in 0..<(try reader.readCount(max: Self.purchaseDayCountMax)) {
      purchaseDays.append(Int32(clamping: try reader.readSignedVarint()))
    }
    if try reader.readFlag() { lastPurchaseMilliseconds = try reader.readSignedVarint() }
  }
}

extension Attribute {
  fileprivate init(
    from reader: inout ByteReader, origins: [OriginID]
  ) throws(DecodingFault) {
    let name = ExactText(try reader.readLengthPrefixedBytes(max: reader.remaining))
    var readings: [Reading] = []
    for _ in 0..<(try reader.readCount(max: Self.readingCountMax)) {
      readings.append(
        Reading(
          key: try reader.readFoldKey(origins), channel: try reader.readChannel(),
          source: ExactText(try reader.readLengthPrefixedBytes(max: reader.remaining)),
          value: try reader.readLengthPrefixedBytes(max: reader.remaining)))
    }
    self.init(name: name, readings: readings)
  }
}

/// Collects a state's body and the origins it refers to.
private struct StateWriter {
  var writer = ByteWriter(capacity: 512)
  var origins: [OriginID] = []

  mutating func write(_ dot: Dot) {
    let index = origins.firstIndex(of: dot.origin) ?? origins.count
    if index == origins.count { origins.append(dot.origin) }
    writer.writeVarint(UInt64(index))
    writer.writeVarint(dot.sequence)
  }

  mutating func write(_ key: FoldKey) {
    writer.writeSignedVarint(key.effectiveMilliseconds)
    writer.write(key.recorded.rawValue)
    write(key.dot)
  }

  mutating func write<Content>(
    _ content: Content?, _ body: (inout StateWriter, Content) -> Void
  ) {
    writer.write(UInt8(content == nil ? 0 : 1))
    if let content { body(&self, content) }
  }

  mutating func writeEach<Content>(
    _ contents: [Content], _ body: (inout StateWriter, Content) -> Void
  ) {
    writer.writeVarint(UInt64(contents.count))
    for content in contents { body(&self, content) }
  }
}

extension ByteReader {
  fileprivate mutating func readFlag() throws(DecodingFault) -> Bool {
    try readCount(max: 1) == 1
  }

  fileprivate mutating func readDot(_ origins: [OriginID]) throws(DecodingFault) -> Dot {
    let start = offset
    let index = try readVarint()
    guard index < UInt64(origins.count) else {
      throw .unknownValue(field: "origin", value: index, at: start)
    }
    return Dot(origin: origins[Int(index)], sequence: try readVarint())
  }

  fileprivate mutating func readFoldKey(_ origins: [OriginID]) throws(DecodingFault) -> FoldKey {
    let effective = try readSignedVarint()
    let recorded = HybridTimestamp(rawValue: try readUInt64())
    return FoldKey(
      effectiveMilliseconds: effective, recorded: recorded, dot: try readDot(origins))
  }

  fileprivate mutating func readChannel() throws(DecodingFault) -> Channel {
    let start = offset
    let code = try readByte()
    guard let channel = Channel(rawValue: code) else {
      throw .unknownValue(field: "channel", value: UInt64(code), at: start)
    }
    return channel
  }

  fileprivate mutating func readShortText() throws(DecodingFault) -> String {
    String(decoding: try readLengthPrefixedBytes(max: EventType.byteCountMax), as: UTF8.self)
  }

  fileprivate mutating func readEventType() throws(DecodingFault) -> EventType {
    let start = offset
    guard let type = EventType(try readShortText()) else {
      throw .notCanonical(field: "type", at: start)
    }
    return type
  }

  fileprivate mutating func readStage() throws(DecodingFault) -> JourneyStage {
    let start = offset
    guard let stage = JourneyStage(rawValue: try readShortText()) else {
      throw .notCanonical(field: "stage", at: start)
    }
    return stage
  }
}
