internal import MerkleProofs
package import SyncProtocol

/// A session together with its replica and the bytes it exchanges: what a transport drives.
///
/// The transport moves frames and knows nothing else: it sends what ``start()`` and
/// ``receive(_:)`` return, in order, and feeds in what arrives, in order. Blocks while the replica
/// writes.
package struct SyncEndpoint<Replica: SyncReplica> {
  /// The replica; read it again after the session.
  package private(set) var replica: Replica
  /// What came of the session, once it is over.
  package private(set) var result: SyncResult?
  /// Bytes of all frames sent and received, and of the event records among them.
  package private(set) var traffic = SyncTraffic()
  private var session: SyncSession
  private let causedBefore: UInt64

  /// An endpoint for one session.
  package init(replica: Replica, role: SyncSession.Role) {
    self.replica = replica
    session = SyncSession(role: role)
    causedBefore = replica.causedEventCount
  }

  /// Whether what arrived made the replica append events, which travel in the next session.
  var hasCaused: Bool { replica.causedEventCount != causedBefore }

  /// Begins the session.
  ///
  /// - Returns: The frames to send.
  /// - Throws: ``SyncFault``.
  package mutating func start() throws(SyncFault) -> [[UInt8]] {
    try replica.signHead()
    return try perform(try session.start(from: replica))
  }

  /// Takes in a frame of the peer, and stores what it brings.
  ///
  /// - Parameter frame: One whole frame.
  /// - Returns: The frames to send.
  /// - Throws: ``SyncFault``; the session is over. Send the frame of its refusal, if it has one.
  package mutating func receive(_ frame: [UInt8]) throws(SyncFault) -> [[UInt8]] {
    let message = try SyncMessage(frame: frame)
    traffic.bytesReceived += frame.count
    traffic.payloadBytes += message.payloadByteCount
    traffic.saltBytes += message.saltByteCount
    traffic.signatureBytes += message.signatureByteCount
    return try perform(try session.receive(message, from: replica))
  }

  private mutating func perform(_ actions: [SyncAction]) throws(SyncFault) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    for action in actions {
      switch action {
      case .send(let message):
        let frame = try message.frame()
        traffic.bytesSent += frame.count
        traffic.payloadBytes += message.payloadByteCount
        traffic.saltBytes += message.saltByteCount
        traffic.signatureBytes += message.signatureByteCount
        frames.append(frame)
      case .keepFork(let origin, let fork):
        try replica.keep(fork, of: origin)
      case .store(let batch):
        let counts = try replica.apply(batch)
        frames += try perform(try session.stored(counts, in: replica))
      case .finish(let result):
        self.result = result
      }
    }
    return frames
  }
}

/// What a session moved over a link, seen from one side.
package struct SyncTraffic: Hashable, Sendable {
  /// Bytes of frames sent.
  package var bytesSent = 0
  /// Bytes of frames received.
  package var bytesReceived = 0
  /// Bytes of event records among both.
  package var payloadBytes = 0
  /// Bytes of salts among both.
  package var saltBytes = 0
  /// Bytes of heads' signatures among both.
  package var signatureBytes = 0

  /// Nothing moved yet.
  package init() {}

  /// What both moved.
  static func + (left: SyncTraffic, right: SyncTraffic) -> SyncTraffic {
    var sum = left
    sum.bytesSent += right.bytesSent
    sum.bytesReceived += right.bytesReceived
    sum.payloadBytes += right.payloadBytes
    sum.saltBytes += right.saltBytes
    sum.signatureBytes += right.signatureBytes
    return sum
  }
}

extension SyncMessage {
  /// How many bytes of event records the message carries.
  fileprivate var payloadByteCount: Int {
    switch self {
    case .events(let records, _): records.reduce(0) { $0 + $1.count }
    case .fragment(let fragment): fragment.content.count
    default: 0
    }
  }
  /// How many bytes of signatures the message carries.
  fileprivate var signatureByteCount: Int {
    if case .proof(let proof) = self, proof.head != nil { SignedHead.signatureByteCount } else { 0 }
  }

  /// How many bytes of salts the message carries.
  fileprivate var saltByteCount: Int {
    if case .salts(let salts) = self { salts.content.count } else { 0 }
  }
}
