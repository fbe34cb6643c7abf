package import BinaryCoding
package import EventModel
package import HybridTime

/// Why a session ended without success. Events that were acknowledged before stay.
package enum SyncFault: Error, Equatable, Sendable {
  /// The peer speaks another version of the protocol.
  case protocolVersion(found: UInt32)
  /// The peer is a replica of another book.
  case otherBook(found: BookID, expected: BookID)
  /// The peer asked for a part of the book that is not known here.
  case unknownScope
  /// A message cannot be what it claims to be; the field says where.
  case malformed(field: String)
  /// A record is no canonical event.
  case malformedRecord(DecodingFault)
  /// A message is larger or longer than the protocol allows.
  case overLimit(field: String, max: Int)
  /// A message came when the session does not expect it.
  case outOfTurn(message: String)
  /// An event is held with other content: its origin forked, or one of the replicas is damaged.
  case fork(Dot)
  /// The peer sent an event that it had not announced.
  case unannounced(Dot)
  /// A head that the origin's device did not sign for this book.
  case unsignedHead(OriginID)
  /// Events, salts or hashes that the head does not prove.
  case unproven(OriginID)
  /// The peer ended the session.
  case refused(SyncMessage.Refusal)
  /// The replica on this side cannot answer or store now; the text names cause and remedy.
  case unavailable(String)
  /// The connection ended before the session did.
  case cut

  /// What to tell the peer; nothing when it ended the session itself or is gone.
  package var refusal: SyncMessage.Refusal? {
    let code: RefusalCode
    switch self {
    case .protocolVersion: code = .protocolVersion
    case .otherBook: code = .otherBook
    case .unknownScope: code = .unknownScope
    case .malformed, .malformedRecord, .unsignedHead, .unproven: code = .malformed
    case .overLimit: code = .overLimit
    case .outOfTurn, .unannounced: code = .outOfTurn
    case .fork: code = .conflictingEvent
    case .unavailable:
      // Our own cause may name paths; a stranger learns only that it is ours.
      return SyncMessage.Refusal(code: .unavailable, message: "not possible now: retry later")
    case .refused, .cut: return nil
    }
    return SyncMessage.Refusal(code: code, message: description)
  }
}

extension SyncFault: CustomStringConvertible {
  /// What happened and what to do about it, in one line and without personal data.
  package var description: String {
    switch self {
    case .protocolVersion(let found):
      "sync protocol version \(found), expected \(SyncLimits.protocolVersion): upgrade the older replica"
    case .otherBook(let found, let expected):
      "a replica of book \(found), expected book \(expected): choose another peer"
    case .unknownScope: "an unknown scope: ask for everything"
    case .malformed(let field): "malformed \(field): retry once, then verify the sender's store"
    case .malformedRecord(let fault):
      "a record that is no event (\(fault)): verify the sender's store"
    case .overLimit(let field, let max): "\(field) above the limit of \(max): a fault of the sender"
    case .outOfTurn(let message): "a message \(message) out of turn: a fault of the sender"
    case .fork(let dot):
      "event \(dot) is held with other content: run 'daybook verify --deep' on both replicas"
    case .unannounced(let dot): "event \(dot) was sent and not announced: a fault of the sender"
    case .unsignedHead(let origin):
      "the head of \(origin) is not signed by its device for this book: verify the sender's store"
    case .unproven(let origin):
      "events of \(origin) are not those of its signed head: verify the sender's store"
    case .refused(let refusal): "the peer refused: \(refusal.message)"
    case .unavailable(let reason): reason
    case .cut: "the connection ended before the sync did: sync again, it resumes where it stopped"
    }
  }
}
