package import EventModel
internal import HybridTime
internal import MerkleProofs
package import SyncProtocol

/// What a sync did, as the command line reports it.
package struct SyncReport: Hashable, Sendable {
  /// What came of the session.
  package let result: SyncResult
  /// What it moved, seen from the side that began.
  package let traffic: SyncTraffic
  /// How often the side that began had to wait for an answer.
  package let roundTripCount: Int

  /// Joins the parts.
  package init(result: SyncResult, traffic: SyncTraffic, roundTripCount: Int) {
    self.result = result
    self.traffic = traffic
    self.roundTripCount = roundTripCount
  }

  /// The report of this session and one that followed it at once: all that was moved, and how the
  /// second ended.
  func followed(by next: SyncReport) -> SyncReport {
    SyncReport(
      result: next.result.following(result), traffic: traffic + next.traffic,
      roundTripCount: roundTripCount + next.roundTripCount)
  }

  /// The report with the names that scripts rely on; `disagreements` and `forked_origins` only when there are some.
  package var value: Value {
    var fields: [Value.Field] = [
      .init("sent", .integer(Int64(clamping: result.sentCount))),
      .init("received", .integer(Int64(clamping: result.receivedCount))),
      .init("bytes_sent", .integer(Int64(traffic.bytesSent))),
      .init("bytes_received", .integer(Int64(traffic.bytesReceived))),
      .init("payload_bytes", .integer(Int64(traffic.payloadBytes))),
      .init("round_trips", .integer(Int64(roundTripCount))),
      .init("path", .text(result.path.rawValue)),
      .init("in_sync", .boolean(result.isInSync)),
      .init("set_root", .text(result.setRoot.description)),
      .init("projections_agree", .boolean(result.projectionsAgree)),
    ]
    if !result.forkedOrigins.isEmpty {
      fields.append(
        .init("forked_origins", .array(result.forkedOrigins.map { .text($0.description) })))
    }
    if !result.disagreements.isEmpty {
      fields.append(
        .init("disagreements", .array(result.disagreements.map { .text($0.description) })))
    }
    return .object(fields)
  }
}
