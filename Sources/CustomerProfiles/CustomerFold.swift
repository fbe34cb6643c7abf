package import BookRules
package import EventModel
package import IdentityResolution
internal import ProjectionEngine

/// What a profile takes from an event, for each of the persons it is about.
///
/// The interaction itself, its money and its answer belong to the person of section 1, who acts.
/// Every person section gives sightings of its identifiers and attributes.
package struct CustomerFold {
  let rules: IdentityRules

  /// A fold under `rules`.
  package init(rules: IdentityRules) { self.rules = rules }

  /// One person's share of an event.
  package struct Share {
    let event: Event
    let key: FoldKey
    let source: ExactText
    let section: Int
    let mentions: [IdentifierMention]
  }

  /// Calls `body` with the share of each person the event names.
  package func forEachShare(of event: Event, key: FoldKey, _ body: (Share) throws -> Void) rethrows
  {
    let source = event.personal.textRange(ReservedName.source).map {
      ExactText(Array(event.personal.bytes[$0]))
    }
    try rules.forEachPerson(in: event) { section, mentions in
      try body(
        Share(
          event: event, key: key, source: source ?? ExactText(""), section: section,
          mentions: mentions))
    }
  }

  /// Takes a person's share into the person's state, as documents say; sightings are kept apart.
  package func add(
    _ share: Share, to state: inout CustomerState, by documents: DocumentsInForce = .builtIn
  ) {
    let (event, key) = (share.event, share.key)
    if share.section == 1 { state.add(Interaction(event, key: key, documents: documents)) }
    state.addTraits(
      of: event.sections[share.section], key: key, channel: event.channel, source: share.source)
  }

  /// The claim of an identifier to name its customer's profile.
  func claim(_ name: ExactText, _ sightings: IdentifierSightings) -> ProfileKey {
    ProfileKey(rank: rules.rank(name.bytes), node: sightings.node)
  }
}
