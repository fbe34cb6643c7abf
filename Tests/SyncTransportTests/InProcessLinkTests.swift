import EventModel
import HybridTime
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing

@Suite("InProcessLink")
struct InProcessLinkTests {
  @Test("Two replicas become equal through the bytes of the wire", arguments: [1, 2, 3, 4, 5])
  func converges(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var (left, right) = (MemoryReplica(), MemoryReplica())
    for _ in 0..<3 {
      let origin = random.origin()
      let leftLast = UInt64.random(in: 0...150, using: &random)
      let rightLast = UInt64.random(in: 0...150, using: &random)
      for event in random.events(of: origin, sequences: 1...150) {
        if event.dot.sequence <= leftLast { left.insert(event) }
        if event.dot.sequence <= rightLast { right.insert(event) }
      }
    }
    let missing = right.held.subtracting(left.held)
    var link = InProcessLink(local: left, remote: right)
    let report = try link.run()
    #expect(link.replicas.local.events == link.replicas.remote.events)
    #expect(report.result.isInSync)
    #expect(report.result.projectionsAgree)
    #expect(report.result.receivedCount == missing.count)
    #expect(report.roundTripCount == 2)

    var again = InProcessLink(local: link.replicas.remote, remote: link.replicas.local)
    let second = try again.run()
    #expect(second.result.path == .equal)
    #expect(second.roundTripCount == 1)
    #expect(second.traffic.payloadBytes == 0)
    #expect(second.traffic.bytesSent == second.traffic.bytesReceived)
    #expect(second.traffic.bytesSent <= 64 + 18)
  }

  @Test(
    "A till with a thousand new events costs at most 800 bytes beside records, salts and a signature"
  )
  func dayOffline() throws {
    var random = SeededGenerator(seed: 6)
    let origins = (0..<3).map { _ in random.origin() }
    let common = origins.flatMap { random.events(of: $0, sequences: 1...400) }
    let day = random.events(of: origins[0], sequences: 401...1400)
    var link = InProcessLink(local: MemoryReplica(common + day), remote: MemoryReplica(common))
    let report = try link.run()
    #expect(report.result.sentCount == 1000)
    #expect(report.traffic.payloadBytes == day.reduce(0) { $0 + $1.encoded.count })
    // Tag and length of each record are framing; the rest is protocol.
    let framing = 1000 * 3
    let content =
      report.traffic.payloadBytes + report.traffic.saltBytes
      + report.traffic.signatureBytes
    let protocolBytes = report.traffic.bytesSent + report.traffic.bytesReceived - content
    #expect(report.traffic.saltBytes < 128)
    #expect(report.traffic.signatureBytes == 64)
    #expect(protocolBytes - framing <= 800)
  }

  @Test("An event too large for a frame travels in fragments")
  func fragments() throws {
    var random = SeededGenerator(seed: 7)
    let draft = random.draft()
    let text = String(repeating: "x", count: 900_000)
    let event = Event(
      dot: Dot(origin: random.origin(), sequence: 1), recorded: HybridTimestamp(rawValue: 1),
      draft: EventDraft(
        channel: .email, type: draft.type, schema: draft.schema,
        sections: [.empty, Section([.init("text", .text(text))])]))
    var link = InProcessLink(local: MemoryReplica(), remote: MemoryReplica([event]))
    let report = try link.run()
    #expect(link.replicas.local.events[event.dot] == event)
    #expect(report.traffic.payloadBytes == event.encoded.count)
    #expect(report.result.isInSync)
  }

  @Test("The report has the fields that scripts rely on, in order")
  func reportFields() throws {
    var random = SeededGenerator(seed: 8)
    let origin = random.origin()
    let replica = MemoryReplica(random.events(of: origin, sequences: 1...2))
    var link = InProcessLink(local: replica, remote: MemoryReplica())
    guard case .object(let fields) = try link.run().value else {
      Issue.record("a report is an object")
      return
    }
    #expect(
      fields.map(\.name) == [
        "sent", "received", "bytes_sent", "bytes_received", "payload_bytes", "round_trips", "path",
        "in_sync", "set_root", "projections_agree",
      ])
    #expect(Value.object(fields)["sent"] == 2)
    #expect(Value.object(fields)["path"] == "difference")
  }

  @Test(
    "Damaged frames of a real session end it with a typed fault or change nothing",
    arguments: 1...10 as ClosedRange<UInt64>)
  func damagedFrames(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    let events = random.events(of: origin, sequences: 1...30)
    for _ in 0..<60 {
      var local = SyncEndpoint(replica: MemoryReplica(Array(events.prefix(10))), role: .initiator)
      var remote = SyncEndpoint(replica: MemoryReplica(events), role: .responder)
      do throws(SyncFault) {
        try exchange(&local, &remote, damaging: Int.random(in: 0..<8, using: &random), &random)
      } catch {
        #expect(!error.description.isEmpty)
      }
      let originals = Set(events)
      let isUntouched = local.replica.events.values.allSatisfy { originals.contains($0) }
      #expect(isUntouched || local.result?.isInSync != true, "a forged event is never in sync")
    }
  }

  /// Runs a session in which one bit of one frame is flipped.
  private func exchange(
    _ local: inout SyncEndpoint<MemoryReplica>, _ remote: inout SyncEndpoint<MemoryReplica>,
    damaging target: Int, _ random: inout SeededGenerator
  ) throws(SyncFault) {
    var toRemote = try local.start()
    _ = try remote.start()
    var count = 0
    while !toRemote.isEmpty {
      var toLocal: [[UInt8]] = []
      for frame in toRemote {
        toLocal += try remote.receive(damaged(frame, count == target, &random))
        count += 1
      }
      toRemote = []
      for frame in toLocal {
        toRemote += try local.receive(damaged(frame, count == target, &random))
        count += 1
      }
    }
  }

  private func damaged(
    _ frame: [UInt8], _ isTarget: Bool, _ random: inout SeededGenerator
  ) -> [UInt8] {
    guard isTarget, !frame.isEmpty else { return frame }
    var bytes = frame
    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
      1 << UInt8.random(in: 0...7, using: &random)
    return bytes
  }
}
