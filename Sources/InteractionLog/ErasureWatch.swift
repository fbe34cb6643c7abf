internal import BookRules
internal import EventModel
internal import HybridTime

/// What a replica needs at hand to meet what was erased when it arrives.
struct ErasureWatch {
  /// The book's secret; nothing in a store that was never given it.
  let secret: BookSecret?
  /// Whether the state of the control events covers all of the log; if not, it is brought up to date
  /// before it is asked.
  var isCurrent = false
  /// What was matched already.
  var mark: ErasureMark
  /// What ``mark`` was when it was last written.
  var savedMark: ErasureMark
  private var tags: [ArraySlice<UInt8>: IdentifierTag] = [:]

  /// The most tags kept, about 10 MB.
  private static let tagCountMax = 1 << 16

  init(secret: BookSecret?, mark: ErasureMark) {
    self.secret = secret
    self.mark = mark
    savedMark = mark
  }

  /// Whether some identifier of a person satisfies `body`; computes each distinct identifier's tag
  /// once, as long as the cache holds it. False without the secret.
  mutating func contains(_ section: Section, where body: (IdentifierTag) -> Bool) -> Bool {
    !tags(of: section, where: body).isEmpty
  }

  /// The tags of a person's identifiers that satisfy `body`; none without the secret.
  mutating func tags(
    of section: Section, where body: (IdentifierTag) -> Bool
  ) -> [IdentifierTag] {
    guard let secret else { return [] }
    var ranges: [Range<Int>] = []
    section.forEachIdentifierRange { ranges.append($0) }
    return ranges.map { tag(of: section.bytes[$0], secret) }.filter(body)
  }

  private mutating func tag(of name: ArraySlice<UInt8>, _ secret: BookSecret) -> IdentifierTag {
    if let known = tags[name] { return known }
    let tag = secret.tag(ofIdentifier: name)
    if tags.count >= Self.tagCountMax { tags.removeAll(keepingCapacity: true) }
    // A copy of its own, so that the cache does not keep whole sections alive.
    tags[ArraySlice(Array(name))] = tag
    return tag
  }
}
