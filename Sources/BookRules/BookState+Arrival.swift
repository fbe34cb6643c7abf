package import HybridTime

extension BookState {
  /// The earliest counting, unretracted attested arrival of the event, in milliseconds since 1970.
  ///
  /// - Complexity: O(attestations of its origin), which are written only for clocks that run ahead;
  ///   O(1) without any.
  package func arrival(of dot: Dot) -> Int64? {
    guard let attestations = indexes.attestations[dot.origin] else { return nil }
    let earliest = attestations.first { attestation in
      attestation.covers(dot.sequence) && !isWithdrawn(control: attestation.by)
    }
    return earliest?.arrivedMilliseconds
  }

  /// The time folds use for an event that occurred then. See ``FoldKey``.
  package func effectiveMilliseconds(of dot: Dot, occurredMilliseconds: Int64) -> Int64 {
    FoldKey.effective(occurredMilliseconds, arrival(of: dot))
  }
}
