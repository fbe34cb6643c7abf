import EventModel
import SyncProtocol

/// Two sessions joined by queues of messages, which a test may cut, repeat and look into.
struct SessionPair {
  var left: ModelReplica
  var right: ModelReplica
  var leftSession = SyncSession(role: .initiator)
  var rightSession = SyncSession(role: .responder)
  var leftResult: SyncResult?
  var rightResult: SyncResult?
  /// Every message that was delivered, in order.
  var delivered: [SyncMessage] = []

  init(_ left: ModelReplica, _ right: ModelReplica) {
    self.left = left
    self.right = right
  }

  /// Runs until both are done, or until `messageCountMax` messages were delivered.
  mutating func run(messageCountMax: Int = .max) throws(SyncFault) {
    var toRight = try performing(try leftSession.start(from: left), isLeft: true)
    var toLeft = try performing(try rightSession.start(from: right), isLeft: false)
    while !(toRight.isEmpty && toLeft.isEmpty), delivered.count < messageCountMax {
      if !toRight.isEmpty {
        toLeft += try deliver(toRight.removeFirst(), toLeft: false)
      } else {
        toRight += try deliver(toLeft.removeFirst(), toLeft: true)
      }
    }
  }

  private mutating func deliver(
    _ message: SyncMessage, toLeft: Bool
  ) throws(SyncFault) -> [SyncMessage] {
    delivered.append(message)
    let actions =
      toLeft
      ? try leftSession.receive(message, from: left)
      : try rightSession.receive(message, from: right)
    return try performing(actions, isLeft: toLeft)
  }

  private mutating func performing(
    _ actions: [SyncAction], isLeft: Bool
  ) throws(SyncFault) -> [SyncMessage] {
    var messages: [SyncMessage] = []
    for action in actions {
      switch action {
      case .send(let message): messages.append(message)
      case .keepFork(let origin, let fork):
        if isLeft { try left.keep(fork, of: origin) } else { try right.keep(fork, of: origin) }
      case .store(let batch) where isLeft:
        let counts = try left.apply(batch)
        messages += try performing(try leftSession.stored(counts, in: left), isLeft: true)
      case .store(let batch):
        let counts = try right.apply(batch)
        messages += try performing(try rightSession.stored(counts, in: right), isLeft: false)
      case .finish(let result):
        if isLeft { leftResult = result } else { rightResult = result }
      }
    }
    return messages
  }
}
