internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import Foundation
internal import InteractionLog
internal import SyncTransport

/// The demonstration: told on the terminal, done with real stores.
///
/// Every number it prints is what the replicas answered. It fails when they disagree.
struct DemoStory {
  let directory: String
  let console: Console

  /// The customer the story is about, by the card that only the till sees.
  private let customer = Identifier(kind: "loyalty", value: "L-5501")
  private var disagreements = 0

  /// A story whose stores lie in `directory`.
  init(directory: String, console: Console) {
    self.directory = directory
    self.console = console
  }

  /// Plays it from the beginning to the end.
  ///
  /// - Parameter isKept: Whether the stores stay, so that it is worth saying how to look at them.
  /// - Returns: ``ExitStatus/negative`` when the replicas do not agree in the end.
  /// - Throws: ``ReplicaError``, ``CommandError``, ``ClosedPipe``.
  mutating func tell(isKept: Bool) throws -> ExitStatus {
    say(
      """
      Marina Ceramics is a small shop that exists only in this demonstration. Its customers
      meet it on the web, in an app, at a market stall, by mail, on social media and by phone.
      """)
    let replicas = try begin()
    try recordApart(replicas)
    try showWhatEachKnows(replicas)
    try meet(replicas)
    try showProfile(replicas)
    try compareDigests(replicas)
    try replayFromNothing(replicas)
    for replica in replicas { try replica.core.close() }
    try conclude(isKept: isKept)
    return disagreements == 0 ? .done : .negative
  }

  // MARK: The acts

  private func begin() throws -> [DemoReplica] {
    try chapter("1. One book, three replicas")
    say(
      """
      A book is a company's log: whatever happens is written there once, in order, and never
      changed. Any number of replicas write to it, also while they cannot reach each other.
      """)
    let hub = try ReplicaCore.create(
      at: "\(directory)/hub", label: "hub", environment: .thisMachine)
    let till = try join("till", hub)
    let phone = try join("phone", hub)
    let replicas = [
      DemoReplica(
        name: "hub", place: "in the office, online", samples: DemoSamples.hub,
        knows: Identifier(kind: "email", value: "lena.ortiz@example.com"), core: hub),
      DemoReplica(
        name: "till", place: "at the market stall, no network", samples: DemoSamples.till,
        knows: customer, core: till),
      DemoReplica(
        name: "phone", place: "an app on a train, no signal", samples: DemoSamples.phone,
        knows: Identifier(kind: "user", value: "u-1042"), core: phone),
    ]
    for replica in replicas {
      line(
        "\(replica.name.padded(to: 7))\(replica.place.padded(to: 33))"
          + console.styled("writes as \(replica.core.identity.origin)", .dim))
    }
    return replicas
  }

  /// Another replica of the hub's book, after its first sync.
  private func join(_ name: String, _ hub: ReplicaCore) throws -> ReplicaCore {
    let replica = try ReplicaCore.join(
      at: "\(directory)/\(name)", label: name, peer: hub, environment: .thisMachine)
    var link = InProcessLink(local: replica, remote: hub)
    _ = try link.run()
    return replica
  }

  private func recordApart(_ replicas: [DemoReplica]) throws {
    try chapter("2. Each records what it hears of, in whatever form it comes")
    for replica in replicas {
      try replica.takeIn(from: directory) { sample, outcome in
        line(
          "\(replica.name.padded(to: 7))\(sample.title.padded(to: 52))"
            + "\(Amounts.count(outcome.appended, "event"))")
      }
    }
    guard let hub = replicas.first else { return }
    var again: UInt64 = 0
    try hub.takeIn(from: directory) { _, outcome in again += outcome.appended }
    line(
      "hub    the same four files once more".padded(to: 59) + Amounts.count(again, "event"))
    say(
      """
      Each sender's own message ids are remembered for ever, so nothing counts twice.
      """)
  }

  private func showWhatEachKnows(_ replicas: [DemoReplica]) throws {
    try chapter("3. What each knows of Lena Ortiz, alone")
    for replica in replicas {
      let profile = try replica.profile(of: replica.knows)
      let channels = profile?["channels"]?.fields ?? []
      let count = channels.reduce(0) { $0 + ($1.value["events"]?.integer ?? 0) }
      line(
        "\(replica.name.padded(to: 7))knows \("\(replica.knows)".padded(to: 31))"
          + "\(Amounts.count(count, "interaction")): "
          + channels.map(\.name).joined(separator: ", "))
    }
    say(
      """
      Three strangers: the till has only her card, the hub only her address, and nobody knows
      whose number the call centre rang.
      """)
  }

  private mutating func meet(_ replicas: [DemoReplica]) throws {
    try chapter("4. The network is back: they sync")
    guard let hub = replicas.first else { return }
    for replica in replicas.dropFirst() + replicas.dropFirst().dropLast() {
      try sync(replica, with: hub)
    }
    say(
      """
      Only what the other lacks travels, whoever recorded it. Nobody waits, nothing conflicts:
      the log is a set of events, and sets just unite.
      """)
  }

  private mutating func sync(_ replica: DemoReplica, with hub: DemoReplica) throws {
    try replica.core.catchUp()
    try hub.core.catchUp()
    var link = InProcessLink(local: replica.core, remote: hub.core)
    let report = try link.run().value
    let bytes = (report["bytes_sent"]?.integer ?? 0) + (report["bytes_received"]?.integer ?? 0)
    if report["in_sync"] != true { disagreements += 1 }
    line(
      "\(replica.name.padded(to: 7))with hub: "
        + "sends \(Amounts.count(report["sent"]?.integer ?? 0, "event")), "
        + "receives \(Amounts.count(report["received"]?.integer ?? 0, "event")), "
        + "\(Amounts.bytes(bytes)) in all")
  }

  private mutating func showProfile(_ replicas: [DemoReplica]) throws {
    try chapter("5. One customer, the same on all three")
    let profiles = try replicas.map { try $0.profile(of: $0.knows) }
    guard let first = profiles.first, let profile = first else {
      return fail("The hub no longer knows whom it knew.")
    }
    ProfileCard(profile, showsInteractions: false).write(to: console)
    try showJourney(replicas)
    if profiles.contains(where: { $0 != profile }) {
      fail("The replicas give different profiles.")
    } else {
      say(
        """
        The till asks by card, the hub by address, the phone by user: all three print this
        profile. The app's message named user, number and card together, and so linked them.
        """)
    }
  }

  private func showJourney(_ replicas: [DemoReplica]) throws {
    guard let till = replicas.dropFirst().first else { return }
    let timeline = try till.core.timeline(of: .identifier(customer), limit: 100)
    console.output.line()
    console.output.line("  " + console.styled("Her journey, as the till now sees it", .cyan))
    for entry in timeline.reversed().map(\.value) {
      let time = entry["occurred"]?.text ?? ""
      console.output.line(
        "    " + (time.prefix(10) + " " + time.dropFirst(11).prefix(5)).padded(to: 19)
          + (entry["channel"]?.brief ?? "").padded(to: 9) + (entry["type"]?.brief ?? ""))
    }
  }

  private mutating func compareDigests(_ replicas: [DemoReplica]) throws {
    try chapter("6. The same, to the byte")
    let digests = try replicas.map { try $0.core.digest().value }
    for (replica, digest) in zip(replicas, digests) {
      let projections = (digest["projections"]?.fields ?? []).map {
        "\($0.name) \(($0.value["digest"]?.brief ?? "").prefix(12))…"
      }
      line(
        "\(replica.name.padded(to: 7))set \((digest["set_root"]?.brief ?? "").prefix(12))…  "
          + projections.joined(separator: "  "))
    }
    if digests.contains(where: { $0 != digests.first }) {
      fail("The digests differ.")
    } else {
      say(
        """
        A digest is a fingerprint: equal ones mean that all replicas hold the same events and
        would answer every question alike.
        """)
    }
  }

  private mutating func replayFromNothing(_ replicas: [DemoReplica]) throws {
    try chapter("7. From nothing")
    for replica in replicas {
      let report = try replica.core.replay(projections: [], compare: true).value
      let isEqual = (report["projections"]?.fields ?? []).allSatisfy { $0.value["matches"] == true }
      line(
        "\(replica.name.padded(to: 7))folds "
          + "\(Amounts.count(report["events"]?.integer ?? 0, "event")) again: "
          + (isEqual ? "equal" : "DIFFERENT"))
      if !isEqual { fail("A replay on \(replica.name) gives other answers.") }
    }
    say(
      """
      Profiles, journeys and figures are only computed from the log. They can be thrown away
      and computed again, today or in ten years, and every figure can be traced to its events.
      """)
  }

  private func conclude(isKept: Bool) throws {
    guard disagreements == 0 else {
      console.output.line()
      console.output.line(console.styled("The demonstration failed; see above.", .red))
      return
    }
    try chapter("That was event sourcing")
    say(
      """
      Write down what happens, once, in order; compute everything else. Because of that, a till
      may be offline, messages may come twice or late, and all still agree in the end.
      """)
    if isKept {
      say(
        """
        The stores and the samples are kept in \(directory). Look around:
          daybook events --store \(directory)/till
          daybook metrics nps --by channel --store \(directory)/phone
        """)
    } else {
      say(
        """
        Keep the stores with 'daybook demo --keep ./marina', or begin your own: 'daybook init'.
        """)
    }
  }

  // MARK: The voice

  private func chapter(_ title: String) throws {
    console.output.line()
    console.output.line(console.styled(title, .bold))
    // Each act appears when it is done, also on a pipe.
    try console.output.flush()
  }

  private func say(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      console.output.line("  \(line)")
    }
  }

  private func line(_ text: String) { console.output.line("    \(text)") }

  private mutating func fail(_ text: String) {
    disagreements += 1
    console.output.line("    " + console.styled(text, .red))
  }
}
