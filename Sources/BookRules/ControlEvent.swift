package import HybridTime
package import MerkleProofs

/// An event that governs the book, parsed: what the rules need of it.
///
/// What it carries for readers (new facts, survivors of a redaction, a document's content, reasons)
/// stays in the event; `ControlEvent+Content.swift` reads it there when it is applied.
/// Source: `docs/format/control-events.md`, whose table this enum mirrors.
package enum ControlEvent: Hashable, Sendable {
  /// `grant.added`: a key gets roles; with a start only from there on, else for all its events.
  case grantAdded(key: DeviceKey, roles: RoleSet, first: GrantStart?)
  /// `grant.revoked`: a grant counts no longer than the limit says.
  case grantRevoked(grant: EventReference, last: RevocationLimit)
  /// `event.retracted`: an interaction is withdrawn.
  case retracted(EventReference)
  /// `event.retracted`: a run of an origin, which may have no end, is withdrawn.
  case runRetracted(OriginID, run: IntervalSet.Run)
  /// `event.corrected`: the event is read with other facts, and with other persons if it says so.
  case corrected(EventReference, replacesPersons: Bool)
  /// `event.extended`: a retraction, correction or redaction holds for other events, too.
  case extended(EventReference, events: [EventReference])
  /// `event.redacted`: a section is erased and what survives stands in its place, and in that of what
  /// the redactions left that it replaces.
  case redacted(EventReference, section: Int, replaces: [EventReference])
  /// `erasure.requested`: sections are erased, and those that match later.
  case erasureRequested(ErasureRequest)
  /// `erasure.extended`: sections that match an erasure are erased, too.
  case erasureExtended(EventReference, sections: [ErasedSection])
  /// `erasure.acknowledged`: a device shows nothing of what the erasure lists.
  case erasureAcknowledged(EventReference)
  /// `arrival.attested`: when a run of an origin's events arrived.
  case arrivalAttested(AttestedArrival)
  /// `document.declared`: a document exists.
  case documentDeclared(kind: DocumentKind, digest: Digest256)
  /// `document.activated`: from here on in fold order a document is in force.
  case documentActivated(DocumentSubject, digest: Digest256)
  /// A type or a fact of a later version: without effect here, where rules are older.
  case notUnderstood
}

/// Up to which sequence a revoked grant still counts, for each incarnation of its key.
package struct RevocationLimit: Hashable, Sendable {
  /// The last sequence of one incarnation that counts.
  package struct Entry: Hashable, Sendable {
    /// Which incarnation.
    package let incarnation: UInt64
    /// Its last sequence that counts; 0 for none.
    package let last: UInt64

    /// Lets the incarnation count up to and including `last`.
    package init(incarnation: UInt64, last: UInt64) {
      self.incarnation = incarnation
      self.last = last
    }
  }

  /// Ascending by incarnation, each once.
  package let entries: [Entry]

  /// The limit of these incarnations; of one named twice the smaller number holds.
  package init(_ entries: some Sequence<Entry>) {
    var kept: [Entry] = []
    for entry in entries.sorted(by: { ($0.incarnation, $0.last) < ($1.incarnation, $1.last) })
    where kept.last?.incarnation != entry.incarnation {
      kept.append(entry)
    }
    self.entries = kept
  }

  /// The last sequence of `incarnation` that counts: 0 when it is not listed. O(log entries).
  package subscript(incarnation: UInt64) -> UInt64 {
    let index = entries.partitioningIndex { $0.incarnation >= incarnation }
    guard index < entries.count, entries[index].incarnation == incarnation else { return 0 }
    return entries[index].last
  }
}

/// From which sequence on a grant counts, for each incarnation of its key.
package struct GrantStart: Hashable, Sendable {
  /// The first sequence of one incarnation that counts.
  package struct Entry: Hashable, Sendable {
    /// Which incarnation.
    package let incarnation: UInt64
    /// Its first sequence that counts, 1 or more.
    package let first: UInt64

    /// Lets the incarnation count from `first` on.
    package init(incarnation: UInt64, first: UInt64) {
      self.incarnation = incarnation
      self.first = first
    }
  }

  /// Ascending by incarnation, each once.
  package let entries: [Entry]

  /// The start of these incarnations; of one named twice the larger number holds.
  package init(_ entries: some Sequence<Entry>) {
    var kept: [Entry] = []
    for entry in entries.sorted(by: { ($0.incarnation, $1.first) < ($1.incarnation, $0.first) })
    where kept.last?.incarnation != entry.incarnation {
      kept.append(entry)
    }
    self.entries = kept
  }

  /// The first sequence of `incarnation` that counts; nothing when it is not listed, so that none
  /// does. O(log entries).
  package subscript(incarnation: UInt64) -> UInt64? {
    let index = entries.partitioningIndex { $0.incarnation >= incarnation }
    guard index < entries.count, entries[index].incarnation == incarnation else { return nil }
    return entries[index].first
  }
}

/// A section that is to be erased.
package struct ErasedSection: Hashable, Sendable, Comparable {
  /// The event it belongs to.
  package let dot: Dot
  /// Its number, 1 to 15; 0, which erases nothing, only to remember a key.
  package let section: Int
  /// What is remembered of the interaction's idempotency key; of sections 0 and 1 only.
  package let key: IdentifierTag?

  /// Names a section.
  ///
  /// - Parameters:
  ///   - dot: The event it belongs to.
  ///   - section: Its number, 1…15, or 0 with a key.
  ///   - key: The tag of the key to be remembered; with sections 0 and 1 only.
  package init(dot: Dot, section: Int, key: IdentifierTag? = nil) {
    self.dot = dot
    self.section = section
    self.key = key
  }

  /// By event, then by number, then by what is remembered: nothing first.
  package static func < (left: ErasedSection, right: ErasedSection) -> Bool {
    if left.dot != right.dot { return left.dot < right.dot }
    if left.section != right.section { return left.section < right.section }
    return left.key.precedes(right.key)
  }
}

extension Optional where Wrapped: Comparable {
  /// Whether it stands before the other; nothing stands first.
  func precedes(_ other: Self) -> Bool {
    guard let other else { return false }
    return self.map { $0 < other } ?? true
  }
}

/// Sixteen bytes of an HMAC under the book secret: names an identifier or an idempotency key to
/// those who hold the secret, and to nobody else.
package struct IdentifierTag: Hashable, Sendable, Comparable, CustomStringConvertible {
  let high, low: UInt64

  /// The tag in `bytes`, or nothing when they are not 16.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The tag that 32 lowercase hexadecimal digits spell, or nothing.
  package init?(_ text: String) {
    guard let bytes = hexadecimalBytes(text, byteCount: 16) else { return nil }
    self.init(bytes: bytes)
  }

  /// Thirty-two lowercase hexadecimal digits.
  package var description: String { hexadecimal(high) + hexadecimal(low) }

  /// Byte order.
  package static func < (left: IdentifierTag, right: IdentifierTag) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// What an erasure asks for.
package struct ErasureRequest: Hashable, Sendable {
  /// The sections that are erased.
  package let sections: [ErasedSection]
  /// The identifiers whose sections writers list when they meet them later; none once they are erased
  /// themselves.
  package let tags: [IdentifierTag]
  /// Only events that occurred at or before this time match a tag, in milliseconds since 1970.
  package let cutMilliseconds: Int64
  /// What the request is called outside, such as a case number.
  package let request: String?

  /// Asks to erase `sections`, and what matches `tags` up to the cut.
  package init(
    sections: [ErasedSection], tags: [IdentifierTag], cutMilliseconds: Int64,
    request: String? = nil
  ) {
    self.sections = sections
    self.tags = tags
    self.cutMilliseconds = cutMilliseconds
    self.request = request
  }
}

/// When a run of an origin's events arrived, by the clock of a replica trusted to say so.
package struct AttestedArrival: Hashable, Sendable {
  /// Whose events.
  package let origin: OriginID
  /// Which of them.
  package let run: IntervalSet.Run
  /// When, in milliseconds since 1970.
  package let arrivedMilliseconds: Int64

  /// States when `run` of `origin` arrived.
  package init(origin: OriginID, run: IntervalSet.Run, arrivedMilliseconds: Int64) {
    self.origin = origin
    self.run = run
    self.arrivedMilliseconds = arrivedMilliseconds
  }
}

/// What a document is.
package enum DocumentKind: String, CaseIterable, Hashable, Sendable, Comparable {
  case identityRules = "identity-rules"
  case metricScales = "metric-scales"
  case projection
  case schema

  /// In order of the names.
  package static func < (left: DocumentKind, right: DocumentKind) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What a document is about: at each place in fold order one document of a subject is in force.
package struct DocumentSubject: Hashable, Sendable, Comparable {
  /// What the document is.
  package let kind: DocumentKind
  /// A schema's type, a projection's name; empty for kinds of which a book has one.
  package let name: String

  /// Names a subject.
  package init(kind: DocumentKind, name: String = "") {
    self.kind = kind
    self.name = name
  }

  /// The longest name in bytes.
  package static let nameByteCountMax = 64

  /// By kind, then by the bytes of the name.
  package static func < (left: DocumentSubject, right: DocumentSubject) -> Bool {
    left.kind != right.kind ? left.kind < right.kind : left.name < right.name
  }
}

extension Array {
  /// The index of the first element that `belongs` to the upper part, by binary search in an array
  /// whose lower part does not.
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Array where Element: Comparable {
  /// Inserts an element into an ascending array, unless it is there.
  mutating func insertSorted(_ element: Element) {
    let index = partitioningIndex { $0 >= element }
    if index < count, self[index] == element { return }
    insert(element, at: index)
  }
}
