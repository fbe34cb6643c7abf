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
        for control in controls.values where changed.contains(control.dot.origin.key) {
          follow(from: control, in: &walk)
        }
      }
    }
    for control in added where hasAuthority(control) { follow(from: control, in: &walk) }
    return walk.change
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
    case .grantAdded, .grantRevoked, .erasureAcknowledged: break
    case .retracted(let event), .corrected(let event, _), .redacted(let event, _):
      visit(event.dot, in: &walk)
    case .runRetracted(let origin, let from): visitRun(of: origin, from: from, in: &walk)
    case .erasureRequested(let request):
      for section in request.sections { visit(section.dot, in: &walk) }
      let extended = (extensions[control.dot] ?? []).compactMap { controls[$0] }
      walk.pending.append(contentsOf: extended)
    case .erasureExtended(_, let sections, _):
      for section in sections { visit(section.dot, in: &walk) }
    case .arrivalAttested(let arrival): visitArrival(arrival, in: &walk)
    case .documentDeclared(let kind, let digest):
      for (subject, dots) in activations where subject.kind == kind {
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

  private func visitRun(of origin: OriginID, from: UInt64, in walk: inout ChangeWalk) {
    walk.change.insert(IntervalSet.Run(first: from, last: .max), of: origin)
    for control in controls.values where control.dot.origin == origin {
      if control.dot.sequence >= from, control.content.isRetractable {
        visit(control.dot, in: &walk)
      }
    }
  }

  /// An attested run; where it holds an activation, the document's place in fold order may move.
  private func visitArrival(_ arrival: AttestedArrival, in walk: inout ChangeWalk) {
    walk.change.insert(arrival.run, of: arrival.origin)
    for (subject, dots) in activations {
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
