package import SyncProtocol

/// Syncs two replicas that are open in one process, such as two directories on one disk.
///
/// Every message passes as the bytes it would be on a wire, through the same encoding, limits and
/// checks. At most one window of frames waits in each direction.
package struct InProcessLink<Local: SyncReplica, Remote: SyncReplica> {
  private var local: SyncEndpoint<Local>
  private var remote: SyncEndpoint<Remote>
  private var roundTripCount = 0

  /// Events that a session causes travel in the next one, and may cause some more; then it is enough.
  private static var sessionCountMax: Int { 4 }

  /// Joins two replicas; the local one begins.
  package init(local: Local, remote: Remote) {
    self.local = SyncEndpoint(replica: local, role: .initiator)
    self.remote = SyncEndpoint(replica: remote, role: .responder)
  }

  /// Runs a session to its end, and again while what it brought makes one side append events.
  ///
  /// - Returns: What was moved by all of them and whether the two are equal now.
  /// - Throws: ``SyncFault``, from whichever side found it. What was applied before stays, on both
  ///   sides.
  package mutating func run() throws(SyncFault) -> SyncReport {
    var report = try runSession()
    for _ in 1..<Self.sessionCountMax where !report.result.isInSync {
      guard hasCaused else { break }
      local = SyncEndpoint(replica: local.replica, role: .initiator)
      remote = SyncEndpoint(replica: remote.replica, role: .responder)
      report = report.followed(by: try runSession())
    }
    return report
  }

  /// Whether the last session made one side append events.
  private var hasCaused: Bool { local.hasCaused || remote.hasCaused }

  private mutating func runSession() throws(SyncFault) -> SyncReport {
    roundTripCount = 0
    var toRemote = try local.start()
    _ = try remote.start()
    while !toRemote.isEmpty {
      var toLocal: [[UInt8]] = []
      for frame in toRemote { toLocal += try remote.receive(frame) }
      // The last word needs no answer.
      if !toLocal.isEmpty { roundTripCount += 1 }
      toRemote = []
      for frame in toLocal { toRemote += try local.receive(frame) }
    }
    guard let result = local.result, remote.result != nil else { throw .cut }
    return SyncReport(result: result, traffic: local.traffic, roundTripCount: roundTripCount)
  }

  /// The two replicas, after the session.
  package var replicas: (local: Local, remote: Remote) { (local.replica, remote.replica) }
}
