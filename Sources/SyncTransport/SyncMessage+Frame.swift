internal import BinaryCoding
internal import EventModel
internal import Foundation
internal import HybridTime
internal import MerkleProofs
internal import SwiftProtobuf
package import SyncProtocol
internal import WireMessages

extension SyncMessage {
  /// The message as a frame of `proto/daybook/v1/sync.proto`.
  ///
  /// - Returns: At most ``SyncLimits/frameByteCountMax`` bytes.
  /// - Throws: ``SyncFault/overLimit(field:max:)`` when this side's own lists are too long for a
  ///   frame.
  package func frame() throws(SyncFault) -> [UInt8] {
    var frame = Daybook_V1_SyncFrame()
    frame.message = wireMessage
    guard let bytes: [UInt8] = try? frame.serializedBytes(),
      bytes.count <= SyncLimits.frameByteCountMax
    else { throw .overLimit(field: "frame", max: SyncLimits.frameByteCountMax) }
    return bytes
  }

  private var wireMessage: Daybook_V1_SyncFrame.OneOf_Message {
    switch self {
    case .hello(let hello): .hello(Daybook_V1_Hello(hello))
    case .difference(let origins, let hasMore):
      .difference(
        .with {
          $0.origins = origins.map { Daybook_V1_OriginIntervals($0) }
          $0.more = hasMore
        })
    case .salts(let salts):
      .salts(
        .with {
          $0.content = Data(salts.content)
          $0.more = salts.hasMore
        })
    case .events(let records, let hasMore):
      .events(
        .with {
          $0.records = records.map { Data($0) }
          $0.more = hasMore
        })
    case .proof(let proof):
      .proof(
        .with {
          $0.head = Data(encoded { proof.head?.write(to: &$0) })
          $0.rest = Data(encoded { for hash in proof.rest { hash.write(to: &$0) } })
        })
    case .dispute(let origin, let head):
      .dispute(
        .with {
          $0.origin = Data(encoded { origin.write(to: &$0) })
          $0.head = Data(encoded { head.write(to: &$0) })
        })
    case .fork(let origin, let fork):
      .fork(
        .with {
          $0.origin = Data(encoded { origin.write(to: &$0) })
          $0.proof = Data(encoded { fork.write(to: &$0) })
        })
    case .fragment(let fragment): .fragment(Daybook_V1_Fragment(fragment))
    case .applied(let counts):
      .applied(
        .with {
          $0.applied = counts.applied
          $0.alreadyHeld = counts.alreadyHeld
          $0.refused = counts.refused
        })
    case .closing(let closing): .closing(Daybook_V1_Closing(closing))
    case .refusal(let refusal):
      .refusal(
        .with {
          $0.code = Daybook_V1_RefusalCode(rawValue: refusal.code.rawValue) ?? .unspecified
          $0.message = refusal.message
        })
    }
  }
}

extension Daybook_V1_Hello {
  fileprivate init(_ hello: SyncMessage.Hello) {
    self.init()
    protocolVersion = hello.protocolVersion
    book = Data(encoded { hello.book.write(to: &$0) })
    scope = hello.scope
    eventCount = hello.eventCount
    setRoot = Data(hello.setRoot.bytes)
    summary = Data(hello.summary)
  }
}

extension Daybook_V1_OriginIntervals {
  fileprivate init(_ runs: SyncMessage.OriginRuns) {
    self.init()
    origin = Data(encoded { runs.origin.write(to: &$0) })
    bounds = runs.bounds
    rootPrefix = runs.rootPrefix
  }
}

extension Daybook_V1_Fragment {
  fileprivate init(_ fragment: SyncMessage.Fragment) {
    self.init()
    recordByteCount = fragment.recordByteCount
    offset = fragment.offset
    content = Data(fragment.content)
    more = fragment.hasMore
  }
}

extension Daybook_V1_Closing {
  fileprivate init(_ closing: Closing) {
    self.init()
    setRoot = Data(closing.setRoot.bytes)
    rules = Data(closing.rules.bytes)
    projections = closing.projections.map { projection in
      .with {
        $0.name = projection.name
        $0.version = projection.version
        $0.digest = Data(projection.digest.bytes)
      }
    }
  }
}

/// The bytes that `write` writes.
private func encoded(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
  var writer = ByteWriter()
  write(&writer)
  return writer.bytes
}
