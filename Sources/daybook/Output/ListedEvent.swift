internal import EventModel
internal import EventStorage
internal import HybridTime

/// An event as this replica lists it: with its place in the log.
struct ListedEvent {
  /// Where it lies in this replica's log.
  let position: LogPosition
  /// The event.
  let event: Event

  /// The parts of a person's section: the reserved fields by name, the others by their ranges.
  struct Person {
    let section: Section
    var source: Range<Int>?
    var sourceID: Range<Int>?
    var identifiers: Range<Int>?
    var traits: Range<Int>?
    var context: Range<Int>?
    var fields: [(name: Range<Int>, value: Range<Int>)] = []

    /// Takes a section apart in one walk.
    init(_ section: Section) {
      self.section = section
      section.forEachRange { name, value in
        if section.bytes.isEqual(to: ReservedName.source, in: name) {
          source = value
        } else if section.bytes.isEqual(to: ReservedName.sourceID, in: name) {
          sourceID = value
        } else if section.bytes.isEqual(to: ReservedName.identifiers, in: name) {
          identifiers = value
        } else if section.bytes.isEqual(to: ReservedName.traits, in: name) {
          traits = value
        } else if section.bytes.isEqual(to: ReservedName.context, in: name) {
          context = value
        } else {
          fields.append((name, value))
        }
        return true
      }
    }
  }
}

extension Section {
  /// Where a field's own name lies: without the second '@' of a source's name that began with one,
  /// or nothing when the name is reserved.
  func sourceName(_ name: Range<Int>) -> Range<Int>? {
    guard let first = name.first, bytes[first] == UInt8(ascii: "@") else { return name }
    let rest = name.dropFirst()
    return rest.first.map { bytes[$0] == UInt8(ascii: "@") } == true ? rest : nil
  }
}
