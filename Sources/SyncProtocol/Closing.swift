internal import BinaryCoding
package import MerkleProofs

/// The digest of one projection's answers, which covers the number of its rows as well.
package struct AnswerDigest: Hashable, Sendable {
  /// The projection's name.
  package let name: String
  /// The version of its definition; digests compare between equal versions only.
  package let version: UInt32
  /// The digest of its answers.
  package let digest: Digest256

  /// Joins the parts.
  package init(name: String, version: UInt32, digest: Digest256) {
    self.name = name
    self.version = version
    self.digest = digest
  }
}

/// What a replica holds and what it answers, in digests: compared at the end of each session.
package struct Closing: Hashable, Sendable {
  /// The digest of the set of events.
  package let setRoot: Digest256
  /// The digest of the rules in force.
  package let rules: Digest256
  /// One digest for each projection, in byte order of the names.
  package let projections: [AnswerDigest]

  /// Joins the parts and puts the projections in order.
  package init(setRoot: Digest256, rules: Digest256, projections: [AnswerDigest]) {
    self.setRoot = setRoot
    self.rules = rules
    self.projections = projections.sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  init(of replica: borrowing some HeldEvents) throws(SyncFault) {
    self.init(
      setRoot: try replica.setRoot(), rules: try replica.rulesDigest(),
      projections: try replica.projectionDigests())
  }

  /// The first sixteen bytes of SHA-256(set root, rules, then for each projection: name length
  /// varint, name, version varint, digest).
  package var summary: [UInt8] {
    var writer = ByteWriter()
    setRoot.write(to: &writer)
    rules.write(to: &writer)
    for projection in projections {
      writer.writeLengthPrefixed(projection.name)
      writer.writeVarint(UInt64(projection.version))
      projection.digest.write(to: &writer)
    }
    return Array(Digest256.hash(writer.bytes).bytes.prefix(16))
  }

  /// In what `other` differs although both sides hold the same events: rules, then projections by
  /// name.
  func disagreements(with other: Closing) -> [SyncDisagreement] {
    var found: [SyncDisagreement] = rules == other.rules ? [] : [.rules]
    for projection in projections {
      guard let twin = other.projections.first(where: { $0.name == projection.name }) else {
        found.append(.projectionMissing(projection.name))
        continue
      }
      if twin.version != projection.version {
        found.append(.projectionVersion(projection.name))
      } else if twin != projection {
        found.append(.projectionAnswers(projection.name))
      }
    }
    for twin in other.projections where !projections.contains(where: { $0.name == twin.name }) {
      found.append(.projectionMissing(twin.name))
    }
    return found
  }
}
