package import EventModel

// Tags of what was erased, §6 of the specification.

extension BookSecret {
  /// The tag of an identifier.
  ///
  /// - Parameter name: The UTF-8 of `kind:value`, as a section carries it.
  /// - Returns: Its tag; the same on every replica that holds the secret.
  package func tag(ofIdentifier name: some Collection<UInt8>) -> IdentifierTag {
    IdentifierTag(secretly: tagBytes(ofIdentifier: name))
  }

  /// The tag of an idempotency key.
  package func tag(of key: IdempotencyKey) -> IdentifierTag {
    IdentifierTag(secretly: tagBytes(of: key))
  }
}

extension BookSecret {
  /// What is to be remembered of an interaction before its section 1 goes.
  ///
  /// - Parameter event: As stored; of a section that is gone already the content is not known.
  /// - Returns: Nothing when it has no idempotency key.
  package func sourceTags(of event: Event) -> SourceTags? {
    event.idempotencyKey.map { SourceTags(key: tag(of: $0), content: contentTag(of: event)) }
  }

  /// The tag of the source content of an interaction with a key; nothing of other events, or when a
  /// section is gone.
  package func contentTag(of event: Event) -> IdentifierTag? {
    guard event.idempotencyKey != nil, !event.sections.contains(where: \.isErased) else {
      return nil
    }
    return IdentifierTag(secretly: tagBytes(ofContent: event.draft.sourceContent))
  }
}

extension IdentifierTag {
  fileprivate init(secretly bytes: [UInt8]) {
    guard let tag = IdentifierTag(bytes: bytes) else {
      preconditionFailure("a tag of the book secret has 16 bytes")
    }
    self = tag
  }
}
