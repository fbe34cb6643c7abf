package import EventModel

extension EventDraft {
  /// The idempotency key's hash as a segment's key column holds it; 0 stands for no key.
  package var keyColumnValue: UInt64 { type.isControl ? 0 : sections[1].keyColumnValue }
}

extension Section {
  fileprivate var keyColumnValue: UInt64 { idempotencyIndexKey.map { max(1, $0) } ?? 0 }
}

extension Event {
  /// The idempotency key's hash as a segment's key column holds it; 0 stands for no key.
  package var keyColumnValue: UInt64 { type.isControl ? 0 : personal.keyColumnValue }

  /// Calls `body` with the index key of each identifier of each person; keys may repeat.
  ///
  /// - Parameter body: Gets one key at a time.
  package func forEachIdentifierKey(_ body: (UInt64) -> Void) {
    for section in persons {
      section.forEachIdentifierRange { range in
        body(Identifier.indexKey(section.bytes.span.extracting(range)))
      }
    }
  }
}
