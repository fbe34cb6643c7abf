package import EventModel
package import HybridTime
package import MerkleProofs

// How each control event is written. A draft has no `@occurred`: it happens when it is recorded.

extension EventDraft {
  /// Gives `key` roles.
  ///
  /// - Parameters:
  ///   - roles: At least one.
  ///   - key: The device that gets them.
  ///   - first: From where on, if not all its events count; then no other incarnation does.
  ///   - label: What people call the device.
  ///   - reason: Why.
  /// - Returns: A `grant.added`.
  package static func granting(
    _ roles: RoleSet, to key: DeviceKey, first: GrantStart? = nil, label: String? = nil,
    reason: String? = nil
  ) -> EventDraft {
    let start = first.map { start in
      start.entries.map { entry in
        Value.Field(hexadecimal(entry.incarnation), .integer(Int64(clamping: entry.first)))
      }
    }
    return control(
      ControlEvent.TypeName.grantAdded,
      [("key", .text(key.description)), ("roles", .text(roles.description))]
        + (start.map { [("first", .object($0))] } ?? []),
      person: label.map { [Value.Field(ControlName.label.description, .text($0))] } ?? [],
      reason: reason)
  }

  /// Revokes a grant: of each incarnation only what the limit lists still counts.
  package static func revoking(
    grant: EventReference, last: RevocationLimit, reason: String? = nil
  ) -> EventDraft {
    let fields = last.entries.map { entry in
      Value.Field(
        hexadecimal(entry.incarnation), .integer(Int64(clamping: entry.last)))
    }
    return control(
      ControlEvent.TypeName.grantRevoked,
      [("grant", .text(grant.description)), ("last", .object(fields))], reason: reason)
  }

  /// Withdraws an interaction.
  package static func retracting(_ event: EventReference, reason: String? = nil) -> EventDraft {
    control(
      ControlEvent.TypeName.retracted, [("event", .text(event.description))], reason: reason)
  }

  /// Withdraws everything of `origin` from sequence `from` on, or up to `last` if that is given.
  package static func retracting(
    origin: OriginID, from: UInt64, last: UInt64? = nil, reason: String? = nil
  ) -> EventDraft {
    control(
      ControlEvent.TypeName.retracted,
      [
        ("origin", .text(origin.fullDescription)), ("from", .integer(Int64(clamping: from))),
      ] + (last.map { [("last", .integer(Int64(clamping: $0)))] } ?? []), reason: reason)
  }

  /// Corrects an event.
  ///
  /// - Parameters:
  ///   - event: Which one.
  ///   - facts: Its new section 0; without `@occurred` its times stay.
  ///   - persons: Its new sections 1 to 15, or nothing when the persons stay; their source and source
  ///     id are left out, since those of the event stay.
  ///   - reason: Why.
  /// - Returns: An `event.corrected`.
  package static func correcting(
    _ event: EventReference, facts: Section, persons: [Section]? = nil, reason: String? = nil
  ) -> EventDraft {
    let given = persons ?? []
    let first = given.first.map { $0.without(EffectiveEvent.keyNames) } ?? .empty
    return control(
      ControlEvent.TypeName.corrected,
      [
        ("event", .text(event.description)), ("facts", .object(facts.fields)),
        ("persons", .boolean(persons != nil)),
      ], person: first.fields, further: Array(given.dropFirst()), reason: reason)
  }

  /// Lets a retraction, correction or redaction hold for copies of its event, too.
  ///
  /// - Parameters:
  ///   - act: The retraction, correction or redaction.
  ///   - events: The copies: at least one, at most ``erasurePartCountMax``.
  ///   - reason: Why.
  /// - Returns: An `event.extended`.
  package static func extending(
    act: EventReference, to events: [EventReference], reason: String? = nil
  ) -> EventDraft {
    let named = Value.array(events.map { .text($0.description) })
    return control(
      ControlEvent.TypeName.extended, [("act", .text(act.description)), ("events", named)],
      reason: reason)
  }

  /// Erases a section and leaves `survivors` in its place.
  ///
  /// - Parameters:
  ///   - event: Whose section.
  ///   - section: Its number.
  ///   - survivors: What is left of it.
  ///   - replaces: Redactions of the same section whose survivors give way to these.
  ///   - reason: Why.
  /// - Returns: An `event.redacted`.
  package static func redacting(
    _ event: EventReference, section: Int, survivors: Section, replaces: [EventReference] = [],
    reason: String? = nil
  ) -> EventDraft {
    let replaced = Value.array(replaces.map { .text($0.description) })
    return control(
      ControlEvent.TypeName.redacted,
      [
        ("event", .text(event.description)), ("section", .integer(Int64(section))),
      ] + (replaces.isEmpty ? [] : [("replaces", replaced)]),
      further: survivors.fieldCount == 0 ? [] : [survivors], reason: reason)
  }

  /// The most sections and identifiers that an erasure or extension lists: what is more goes
  /// into several, so that each is far from the limit of 1 MiB.
  package static let erasurePartCountMax = 5_000

  /// Requests an erasure that fits one event: at most ``erasurePartCountMax`` of each.
  package static func erasing(_ request: ErasureRequest, reason: String? = nil) -> EventDraft {
    var fields: [(String, Value)] = [
      ("sections", .array(request.sections.map(\.value))),
      ("cut", .integer(request.cutMilliseconds)),
    ]
    if let name = request.request { fields.append(("request", .text(name))) }
    return control(
      ControlEvent.TypeName.erasureRequested, fields,
      person: request.tags.field(ControlName.tags), reason: reason)
  }

  /// Adds sections to an erasure, at most ``erasurePartCountMax``.
  package static func extending(
    erasure: EventReference, sections: [ErasedSection], reason: String? = nil
  ) -> EventDraft {
    control(
      ControlEvent.TypeName.erasureExtended,
      [("erasure", .text(erasure.description)), ("sections", .array(sections.map(\.value)))],
      reason: reason)
  }

  /// Says that this device shows nothing of what the erasure lists.
  package static func acknowledging(
    erasure: EventReference, reason: String? = nil
  ) -> EventDraft {
    control(
      ControlEvent.TypeName.erasureAcknowledged, [("erasure", .text(erasure.description))],
      reason: reason)
  }

  /// Says when a run of events arrived here.
  package static func attesting(_ arrival: AttestedArrival, reason: String? = nil) -> EventDraft {
    control(
      ControlEvent.TypeName.arrivalAttested,
      [
        ("origin", .text(arrival.origin.fullDescription)),
        ("first", .integer(Int64(clamping: arrival.run.first))),
        ("last", .integer(Int64(clamping: arrival.run.last))),
        ("arrived", .integer(arrival.arrivedMilliseconds)),
      ], reason: reason)
  }

  /// Declares a document with this content, at most 512 KiB of UTF-8.
  package static func declaring(
    _ kind: DocumentKind, content: String, reason: String? = nil
  ) -> EventDraft {
    control(
      ControlEvent.TypeName.documentDeclared,
      [
        ("kind", .text(kind.rawValue)),
        ("digest", .text(Digest256.hash(Array(content.utf8)).description)),
        ("content", .text(content)),
      ], reason: reason)
  }

  /// Puts a document in force; the zero digest puts the built-in one back.
  ///
  /// - Parameters:
  ///   - subject: What the document is about.
  ///   - digest: The document.
  ///   - sinceMilliseconds: From when on it holds, in milliseconds since 1970; from when the
  ///     activation is recorded, if nothing is said.
  ///   - reason: Why.
  /// - Returns: The draft.
  package static func activating(
    _ subject: DocumentSubject, digest: Digest256, sinceMilliseconds: Int64? = nil,
    reason: String? = nil
  ) -> EventDraft {
    let since = sinceMilliseconds.map { (ReservedName.occurred.description, Value.integer($0)) }
    return control(
      ControlEvent.TypeName.documentActivated,
      [
        ("kind", .text(subject.kind.rawValue)), ("subject", .text(subject.name)),
        ("digest", .text(digest.description)),
      ] + (since.map { [$0] } ?? []), reason: reason)
  }

  private static func control(
    _ name: String, _ facts: [(String, Value)], person: [Value.Field] = [],
    further: [Section] = [], reason: String?
  ) -> EventDraft {
    guard let type = EventType(name) else { preconditionFailure("the table's types are valid") }
    var personal = person.filter { $0.name != ControlName.reason.description }
    if let reason { personal.append(Value.Field(ControlName.reason.description, .text(reason))) }
    return EventDraft(
      channel: .other, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
      sections: [Section(facts.map { Value.Field($0.0, $0.1) }), Section(personal)] + further)
  }
}

extension [IdentifierTag] {
  /// The tags as a field of section 1; none when there are none.
  fileprivate func field(_ name: StaticString) -> [Value.Field] {
    isEmpty
      ? [] : [Value.Field(name.description, .array(map { .text($0.description) }))]
  }
}

extension ErasedSection {
  /// An array of origin, sequence and section number, and of the key that is remembered.
  fileprivate var value: Value {
    .array(
      [
        .text(dot.origin.fullDescription), .integer(Int64(clamping: dot.sequence)),
        .integer(Int64(section)),
      ] + (key.map { [.text($0.description)] } ?? []))
  }
}
