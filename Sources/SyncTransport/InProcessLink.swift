package import SyncProtocol

/// Syncs two replicas that are open in one process, such as two directories on one disk.
///
/// Every message passes as the bytes it would be on a wire, through the same encoding, limits and
/// checks. At most one window of frames waits in each direction.
package struct InProcessLink<Local: SyncReplica, Remote: SyncReplica> {
  private var local: SyncEndpoint<Local>
  private var remote: SyncEndpoint<Remote>
  private var roundTripCount = 0

  /// Joins two replicas; the local one begins.
  package init(local: Local, remote: Remote) {
    self.local = SyncEndpoint(replica: local, role: .initiator)
    self.remote = SyncEndpoint(replica: remote, role: .responder)
  }

  /// Runs one session to its end.
  ///
  /// - Returns: What was moved and whether the two are equal now.
  /// - Throws: ``SyncFault``, from whichever side found it. What was applied before stays, on both
  ///   sides.
  package mutating func run() throws(SyncFault) -> SyncReport {
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
