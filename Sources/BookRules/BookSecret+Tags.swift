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

  /// The tag of an interaction's idempotency key, if it states one.
  package func keyTag(of event: Event) -> IdentifierTag? {
    event.idempotencyKey.map { tag(of: $0) }
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
