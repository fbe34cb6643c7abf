package import HybridTime
package import MerkleProofs

// Documents in force, §8 of the specification. Activations stand in fold order among all events, so an
// event is read by the documents of its own moment, wherever and whenever it is folded.

/// An activation of a document, at its place in fold order.
package struct Activation: Hashable, Sendable {
  /// Events behind this place are read by the document.
  package let key: FoldKey
  /// The document, or the zero digest for what is built in.
  package let digest: Digest256
}

extension BookState {
  /// The subjects of which a document was ever activated by a counting activation, ascending.
  package var documentSubjects: [DocumentSubject] {
    indexes.activations.keys.filter { !activations(of: $0).isEmpty }.sorted()
  }

  /// The counting activations of a subject whose document is declared, in fold order: to be kept by
  /// whoever looks up many events. O(activations of the subject × log).
  package func activations(of subject: DocumentSubject) -> [Activation] {
    let found = (indexes.activations[subject] ?? []).compactMap { dot -> Activation? in
      guard let control = controls[dot], case .documentActivated(_, let digest) = control.content,
        counts(dot, for: .configure), digest == .zero || isDeclared(digest, as: subject.kind)
      else { return nil }
      let effective = effectiveMilliseconds(
        of: dot, occurredMilliseconds: control.occurredMilliseconds)
      let key = FoldKey(effectiveMilliseconds: effective, recorded: control.recorded, dot: dot)
      return Activation(key: key, digest: digest)
    }
    return found.sorted { $0.key < $1.key }
  }

  /// The document of a subject in force at a place in fold order, or nothing where what is built in
  /// holds.
  package func document(of subject: DocumentSubject, inForceAt key: FoldKey) -> Digest256? {
    let activations = activations(of: subject)
    let index = activations.partitioningIndex { $0.key >= key }
    guard index > 0, activations[index - 1].digest != .zero else { return nil }
    return activations[index - 1].digest
  }

  /// All documents in force at a place in fold order, ascending by subject.
  package func documents(
    inForceAt key: FoldKey
  ) -> [(subject: DocumentSubject, digest: Digest256)] {
    indexes.activations.keys.sorted().compactMap { subject in
      document(of: subject, inForceAt: key).map { (subject, $0) }
    }
  }

  /// The counting declarations of a document, ascending: any of these events holds its content.
  package func declarations(of digest: Digest256, as kind: DocumentKind) -> [Dot] {
    (indexes.declarations[digest] ?? []).filter { dot in
      guard case .documentDeclared(let declared, _)? = controls[dot]?.content else { return false }
      return declared == kind && counts(dot, for: .configure)
    }
  }

  private func isDeclared(_ digest: Digest256, as kind: DocumentKind) -> Bool {
    !declarations(of: digest, as: kind).isEmpty
  }
}
