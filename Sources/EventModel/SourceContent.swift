// What the source sent, apart from what we added: channel, type, persons, and the facts with
// `@occurred` as the source stated it and without `@sent`, `@received` and `@skew`, which tell of the
// journey of the message. The correction of a device's clock is ours, so `@occurred` − `@skew` is
// compared, and a message sent again under another correction is still the same message.

extension Event {
  /// Whether `other` says the same, as its source sent it: equal channel, type, persons and facts,
  /// with `@occurred` uncorrected and without `@sent`, `@received` and `@skew`.
  public func hasSameSourceContent(as other: EventDraft) -> Bool {
    guard channel == other.channel, type == other.type, sections.count == other.sections.count
    else { return false }
    return sections.indices.allSatisfy { number in
      if sections[number] == other.sections[number] { return true }
      return number == 0
        && facts.sourceContent.elementsEqual(other.sections[0].sourceContent)
    }
  }
}

extension EventDraft {
  /// Calls `body` with each part of what ``EventModel/Event/hasSameSourceContent(as:)`` compares, in
  /// a fixed order: equal contents have equal parts, so a checksum over them tells most others apart.
  ///
  /// - Parameter body: Gets one part at a time.
  public func forEachSourceContentPart(_ body: (ArraySlice<UInt8>) -> Void) {
    body([channel.rawValue])
    body(ArraySlice(type.name.utf8))
    for part in sections[0].sourceContent { body(part) }
    for section in sections.dropFirst() { body(section.bytes[...]) }
  }
}

extension Section {
  /// Names and canonical values of the facts that the source stated, in turn.
  fileprivate var sourceContent: [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    let travelling = [ReservedName.sent, ReservedName.received, ReservedName.skew]
    let stated = statedTime
    forEachRange { name, value in
      if travelling.contains(where: { bytes.isEqual(to: $0, in: name) }) { return true }
      parts.append(bytes[name])
      let isTime = stated != nil && bytes.isEqual(to: ReservedName.occurred, in: name)
      parts.append(isTime ? stated ?? [] : bytes[value])
      return true
    }
    return parts
  }

  /// The canonical value of `@occurred` before our correction, or nothing when we did not correct.
  private var statedTime: ArraySlice<UInt8>? {
    guard let skew = integer(ReservedName.skew), skew != 0,
      let occurred = integer(ReservedName.occurred)
    else { return nil }
    // Behind the count and the empty name of a section of one field stands its value. Wrapping: any
    // two numbers have a difference, and only equality matters.
    return Section([Value.Field("", .integer(occurred &- skew))]).bytes.dropFirst(2)
  }
}
