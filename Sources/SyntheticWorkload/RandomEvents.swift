internal import BinaryCoding
package import EventModel
package import HybridTime

/// Random values, sections and events for property tests: small, odd and valid.
extension SeededGenerator {
  /// A value of any kind, nested at most `depth` deep.
  package mutating func value(depth: Int = 3) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &self) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &self))
    case 2: return .integer(integer())
    case 3:
      let scale = UInt8.random(in: 1...Decimal64.scaleMax, using: &self)
      return Decimal64(coefficient: integer(), scale: scale).map { .decimal($0) } ?? .null
    case 4: return .number(pick(["1e400", "-0", "123456789012345678901234567890", "2.5E-7"]))
    case 5, 6: return .text(text())
    case 7:
      return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth - 1) })
    default: return .object(fields(max: 4, depth: depth - 1))
    }
  }

  /// Fields with different names, in byte order of the names.
  package mutating func fields(max: Int, depth: Int = 2) -> [Value.Field] {
    var names: Set<String> = []
    for _ in 0..<Int.random(in: 0...max, using: &self) { names.insert(text()) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map {
      Value.Field($0, value(depth: depth))
    }
  }

  /// Text of up to eleven characters, of one to four bytes each.
  package mutating func text() -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789_ .@\"\\\u{1}ñéß漢字🙂")
    return String((0..<Int.random(in: 0...11, using: &self)).map { _ in pick(alphabet) })
  }

  /// An integer of any size, with the extremes more often than their share.
  package mutating func integer() -> Int64 {
    if oneIn(10) { return pick([0, 1, -1, Int64.max, Int64.min]) }
    return Int64(truncatingIfNeeded: next()) >> Int64.random(in: 0...63, using: &self)
  }

  /// An identifier out of a small pool, so that they repeat.
  package mutating func identifier() -> Identifier {
    let kind = pick(["anonymous", "email", "loyalty", "phone", "user"])
    return Identifier(kind: kind, value: "\(kind.prefix(1))\(Int.random(in: 0..<40, using: &self))")
  }

  /// A draft with random facts and person; one in twenty comes without an idempotency key, and
  /// source ids are drawn from `idRange`, so that they repeat.
  package mutating func draft(idRange: Range<Int> = 0..<1_000_000) -> EventDraft {
    let entry = pick(EventCatalogue.builtIn.entries)
    let identifiers = Set((0..<Int.random(in: 0...3, using: &self)).map { _ in identifier() })
    var person = fields(max: 4).filter { !$0.name.hasPrefix("@") }
    person.append(
      Value.Field("@identifiers", .array(identifiers.sorted().map { .text($0.description) })))
    if !oneIn(20) {
      person.append(Value.Field("@source", .text(pick(["crm", "till", "web"]))))
      person.append(Value.Field("@id", .text("\(Int.random(in: idRange, using: &self))")))
    }
    var facts = fields(max: 4).filter { !$0.name.hasPrefix("@") }
    facts.append(
      Value.Field("@occurred", .integer(Int64.random(in: 0..<2_000_000_000_000, using: &self))))
    return EventDraft(
      channel: pick(Channel.allCases), type: entry.schema.type, schema: entry.digest,
      sections: [Section(facts), Section(person)])
  }

  /// A synthetic origin; drawn from a generator of the same state, the same origin.
  package mutating func origin() -> OriginID {
    .synthetic(next())
  }

  /// The events `sequences` of `origin` with random content, recorded in their order.
  package mutating func events(
    of origin: OriginID, sequences: ClosedRange<UInt64>
  ) -> [Event] {
    var clock = HybridClock()
    var wall: Int64 = 1_700_000_000_000
    return sequences.map { sequence in
      wall += Int64.random(in: 0...500, using: &self)
      let recorded = clock.issue(wallMilliseconds: wall)
      return Event(
        dot: Dot(origin: origin, sequence: sequence), recorded: recorded, draft: draft())
    }
  }
}
