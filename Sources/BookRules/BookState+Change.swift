internal import HybridTime
internal import MerkleProofs

// What one more control event changes. An event's meaning hangs on the roles of its key, on the control
// events that name it or its run, and on what is said of these in turn: a correction may be retracted,
// what a redaction carries may be erased. The walk below follows these ties backwards, from the new
// control event to the events whose meaning it can reach.

extension BookState {
  /// Brings the roles up to date with the control events just indexed.
  ///
  /// - Parameter added: Control events that were not held before.
  /// - Returns: What they change.
  mutating func settle(_ added: [HeldControl]) -> BookChange {
    var walk = ChangeWalk()
    if added.contains(where: changesGrants) {
      let before = standings
      settleGrants()
      let changed = Set(before.keys).union(standings.keys).filter { before[$0] != standings[$0] }
      walk.change.insert(changed)
      if !changed.isEmpty {
        indexes = ControlIndexes()
        index(controls.values)
        for control in controls.values where changed.contains(control.dot.origin.key) {
          follow(from: control, in: &walk)
        }
      }
    }
    index(added)
    for control in added {
      if hasAuthority(control) {
        follow(from: control, in: &walk)
      } else if case .redacted = control.content {
        visitSurvivors(ofSection: ControlEvent.survivorSection, of: control.dot, in: &walk)
      }
    }
    return walk.change
  }

  /// Indexes those that count; those that are indexed change nothing.
  private mutating func index(_ controls: some Sequence<HeldControl>) {
    for control in controls where hasAuthority(control) { indexes.insert(control) }
  }

  /// Whether a grant or revocation can count: the author is the owner, or an admin by the owner's
  /// grants held before. A batch that brings the owner's grant is settled for that grant.
  private func changesGrants(_ control: HeldControl) -> Bool {
    switch control.content {
    case .grantAdded, .grantRevoked: counts(control.dot, for: .admin)
    default: false
    }
  }

  /// Adds everything that `control` says something about.
  private func follow(from control: HeldControl, in walk: inout ChangeWalk) {
    walk.pending.append(control)
    while let next = walk.pending.popLast() { step(from: next, in: &walk) }
  }

  private func step(from control: HeldControl, in walk: inout ChangeWalk) {
    switch control.content {
    case .grantAdded, .grantRevoked, .erasureAcknowledged, .notUnderstood: break
    case .retracted(let event), .corrected(let event, _): visit(event.dot, in: &walk)
    case .redacted(let event, _):
      visit(event.dot, in: &walk)
      visitSurvivors(ofSection: ControlEvent.survivorSection, of: control.dot, in: &walk)
    case .runRetracted(let origin, let run): visitRun(run, of: origin, in: &walk)
    case .erasureRequested(let request):
      visit(request.sections, in: &walk)
      let extended = (indexes.extensions[control.dot] ?? []).compactMap { controls[$0] }
      walk.pending.append(contentsOf: extended)
    case .erasureExtended(_, let sections): visit(sections, in: &walk)
    case .arrivalAttested(let arrival): visitArrival(arrival, in: &walk)
    case .documentDeclared(let kind, let digest):
      for (subject, dots) in indexes.activations where subject.kind == kind {
        if dots.contains(where: { activates(digest, $0) }) { walk.change.insert(subject) }
      }
    case .documentActivated(let subject, _): walk.change.insert(subject)
    }
  }

  /// Names an event, and what it says about others if it is a control event.
  private func visit(_ dot: Dot, in walk: inout ChangeWalk) {
    guard walk.change.insert(dot), let control = controls[dot] else { return }
    switch control.content {
    case .corrected, .redacted, .arrivalAttested: walk.pending.append(control)
    default: break
    }
  }

  /// Names events of which sections are listed, and what survives of these in redactions.
  private func visit(_ sections: [ErasedSection], in walk: inout ChangeWalk) {
    for section in sections {
      visit(section.dot, in: &walk)
      visitSurvivors(ofSection: section.section, of: section.dot, in: &walk)
    }
  }

  /// Names the redactions of a section, of what survives in these, and so on.
  private func visitSurvivors(ofSection section: Int, of dot: Dot, in walk: inout ChangeWalk) {
    var pending = [(dot: dot, section: section)]
    var seen: Set<Dot> = []
    while let next = pending.popLast() {
      for redaction in redactionsByTarget[next.dot] ?? [] where seen.insert(redaction).inserted {
        guard case .redacted(_, next.section)? = controls[redaction]?.content else { continue }
        visit(redaction, in: &walk)
        pending.append((redaction, ControlEvent.survivorSection))
      }
    }
  }

  private func visitRun(
    _ run: IntervalSet.Run, of origin: OriginID, in walk: inout ChangeWalk
  ) {
    walk.change.insert(run, of: origin)
    for control in controls.values where control.dot.origin == origin {
      if (run.first...run.last).contains(control.dot.sequence), control.content.isRetractable {
        visit(control.dot, in: &walk)
      }
    }
  }

  /// An attested run; where it holds an activation, the document's place in fold order may move.
  private func visitArrival(_ arrival: AttestedArrival, in walk: inout ChangeWalk) {
    walk.change.insert(arrival.run, of: arrival.origin)
    for (subject, dots) in indexes.activations {
      let isMoved = dots.contains { dot in
        dot.origin == arrival.origin && arrival.run.first <= dot.sequence
          && dot.sequence <= arrival.run.last
      }
      if isMoved { walk.change.insert(subject) }
    }
  }

  private func activates(_ digest: Digest256, _ dot: Dot) -> Bool {
    guard case .documentActivated(_, digest)? = controls[dot]?.content else { return false }
    return true
  }
}

/// A walk over control events: what was found, and what is still to be followed. A list, not recursion,
/// since chains of control events can be as long as their authors like.
private struct ChangeWalk {
  var change = BookChange.nothing
  var pending: [HeldControl] = []
}
