internal import HybridTime
internal import MerkleProofs

// What one more control event changes. An event's meaning hangs on the roles of its key, on the control
// events that name it or its run, and on what is said of these in turn: a correction may be retracted,
// what a redaction carries may be erased. No tie is longer than from a redaction over a correction to an
// interaction, so every step below is a look-up.

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
        walk.isByRoles = true
        for control in controls.values where changed.contains(control.dot.origin.key) {
          follow(from: control, in: &walk)
        }
        walk.isByRoles = false
      }
    }
    index(added)
    for control in added {
      if hasAuthority(control) {
        follow(from: control, in: &walk)
      } else if case .corrected = control.content {
        // What redactions left of its persons goes with the event it names, whether it counts or not.
        nameRedactions(of: control.dot, in: &walk)
      }
    }
    return walk.change
  }

  /// Indexes those that count; those that are indexed change nothing.
  private mutating func index(_ controls: some Sequence<HeldControl>) {
    for control in controls where hasAuthority(control) {
      indexes.insert(
        control, mayErase: counts(control.dot, for: .erase),
        mayUndoAll: counts(control.dot, for: .configure))
    }
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
    switch control.content {
    case .grantAdded, .grantRevoked, .erasureAcknowledged, .notUnderstood: break
    case .retracted(let event):
      visit(event.dot, in: &walk)
      nameExtended(by: control.dot, in: &walk)
    case .corrected(let event, _):
      walk.change.insert(event.dot)
      nameExtended(by: control.dot, in: &walk)
      nameRedactions(of: control.dot, in: &walk)
    case .extended(_, let events):
      for event in events
      where walk.isByRoles || extends(control.dot, to: event.dot) {
        walk.change.insert(event.dot)
        nameCorrections(of: event.dot, in: &walk)
      }
    case .redacted(let event, _, let replaced):
      visit(event.dot, in: &walk)
      nameCorrections(of: event.dot, in: &walk)
      nameExtended(by: control.dot, in: &walk)
      for redaction in replaced {
        walk.change.insert(redaction.dot)
        nameExtended(by: redaction.dot, in: &walk)
      }
    case .runRetracted(let origin, let run): visitRun(run, of: origin, in: &walk)
    case .erasureRequested(let request):
      visit(request.sections, in: &walk)
      for extended in indexes.extensions[control.dot] ?? [] {
        guard case .erasureExtended(_, let sections)? = controls[extended]?.content else {
          continue
        }
        visit(sections, in: &walk)
      }
    case .erasureExtended(_, let sections): visit(sections, in: &walk)
    case .arrivalAttested(let arrival): visitArrival(arrival, in: &walk)
    case .documentDeclared(let kind, let digest):
      for (subject, dots) in indexes.activations where subject.kind == kind {
        if dots.contains(where: { activates(digest, $0) }) { walk.change.insert(subject) }
      }
    case .documentActivated(let subject, _): walk.change.insert(subject)
    }
  }

  /// Names an event, and what is read otherwise if it is a control event that changes.
  private func visit(_ dot: Dot, in walk: inout ChangeWalk) {
    guard walk.visited.insert(dot).inserted else { return }
    walk.change.insert(dot)
    guard let control = controls[dot] else { return }
    for replaced in replacedEvents(by: dot) { walk.change.insert(replaced.dot) }
    switch control.content {
    case .corrected:
      nameExtended(by: dot, in: &walk)
      nameRedactions(of: dot, in: &walk)
    case .redacted(let event, _, _):
      nameExtended(by: dot, in: &walk)
      nameExtended(by: event.dot, in: &walk)
    case .arrivalAttested(let arrival): visitArrival(arrival, in: &walk)
    default: break
    }
  }

  /// Names events of which sections are listed, and what goes with these.
  private func visit(_ sections: [ErasedSection], in walk: inout ChangeWalk) {
    for section in sections {
      visit(section.dot, in: &walk)
      nameRedactions(of: section.dot, in: &walk)
      nameCorrections(of: section.dot, in: &walk)
    }
  }

  /// Names the redactions of an event, whose survivors may go with a section of it.
  private func nameRedactions(of dot: Dot, in walk: inout ChangeWalk) {
    guard let redactions = redactionsByTarget[dot], walk.redacted.insert(dot).inserted else {
      return
    }
    for redaction in redactions { walk.change.insert(redaction) }
  }

  /// Names the corrections of an event, which may go with sections of it, and what redactions left of
  /// them.
  private func nameCorrections(of dot: Dot, in walk: inout ChangeWalk) {
    guard let corrections = correctionsByTarget[dot], walk.corrected.insert(dot).inserted else {
      return
    }
    for correction in corrections {
      walk.change.insert(correction)
      nameExtended(by: correction, in: &walk)
      nameRedactions(of: correction, in: &walk)
    }
  }

  /// Names the events that an act is extended to, and their corrections, which may go along.
  private func nameExtended(by act: Dot, in walk: inout ChangeWalk) {
    guard indexes.actExtensions[act] != nil, walk.extended.insert(act).inserted else { return }
    for event in events(extendedBy: act) {
      walk.change.insert(event.dot)
      nameCorrections(of: event.dot, in: &walk)
    }
  }

  /// Whether the author of an extension may extend some act to an event.
  private func extends(_ author: Dot, to event: Dot) -> Bool {
    author.origin.key == event.origin.key || counts(author, for: .configure)
      || counts(author, for: .erase)
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

/// What was found so far, and of which events what hangs on them was named: each once, since anybody may
/// write many control events of one event.
private struct ChangeWalk {
  var change = BookChange.nothing
  var visited: Set<Dot> = []
  var redacted: Set<Dot> = []
  var corrected: Set<Dot> = []
  var extended: Set<Dot> = []
  /// Whether roles changed, so that what authors may no longer do is named, too.
  var isByRoles = false
}
