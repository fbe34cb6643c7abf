package import EventModel

/// One identifier as an event's section carries it.
package struct IdentifierMention: Hashable, Sendable {
  /// The UTF-8 of `kind:value`.
  package let name: [UInt8]
  /// Its place among all identifiers of the event, from 1: section by section, each in canonical
  /// order. Rules do not change it.
  package let place: Int
}

extension IdentityRules {
  /// Calls `body` with each person section of the event that names somebody, in order.
  ///
  /// - Parameters:
  ///   - event: An interaction.
  ///   - body: Gets the section's index, from 1, and the identifiers in it that are not blocked.
  package func forEachPerson(
    in event: Event, _ body: (_ section: Int, _ mentions: [IdentifierMention]) throws -> Void
  ) rethrows {
    var place = 0
    for index in event.sections.indices.dropFirst() {
      var mentions: [IdentifierMention] = []
      let section = event.sections[index]
      section.forEachIdentifierRange { range in
        place += 1
        let name = Array(section.bytes[range])
        if !isBlocked(name) { mentions.append(IdentifierMention(name: name, place: place)) }
      }
      if !mentions.isEmpty { try body(index, mentions) }
    }
  }
}
