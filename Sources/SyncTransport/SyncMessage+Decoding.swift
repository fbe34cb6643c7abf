internal import BinaryCoding
internal import EventModel
internal import Foundation
internal import HybridTime
internal import MerkleProofs
internal import SwiftProtobuf
package import SyncProtocol
internal import WireMessages

extension SyncMessage {
  /// Reads a frame that a peer sent.
  ///
  /// - Parameter frame: One whole frame, from outside.
  /// - Throws: ``SyncFault/overLimit(field:max:)`` before anything is decoded, or
  ///   ``SyncFault/malformed(field:)``.
  package init(frame: [UInt8]) throws(SyncFault) {
    guard frame.count <= SyncLimits.frameByteCountMax else {
      throw .overLimit(field: "frame", max: SyncLimits.frameByteCountMax)
    }
    guard let message = try? Daybook_V1_SyncFrame(serializedBytes: frame).message else {
      throw .malformed(field: "frame")
    }
    switch message {
    case .hello(let hello): self = .hello(try Hello(hello))
    case .difference(let difference):
      var origins: [OriginRuns] = []
      for origin in difference.origins { origins.append(try OriginRuns(origin)) }
      self = .difference(origins, hasMore: difference.more)
    case .salts(let salts):
      self = .salts(Salts(content: [UInt8](salts.content), hasMore: salts.more))
    case .events(let events):
      self = .events(records: events.records.map { [UInt8]($0) }, hasMore: events.more)
    case .proof(let proof): self = .proof(try Proof(proof))
    case .dispute(let dispute):
      self = .dispute(
        try decoded(dispute.origin, "origin") { reader throws(DecodingFault) in
          try OriginID(from: &reader)
        },
        try decoded(dispute.head, "head") { reader throws(DecodingFault) in
          try SignedHead(from: &reader)
        })
    case .fork(let fork):
      self = .fork(
        try decoded(fork.origin, "origin") { reader throws(DecodingFault) in
          try OriginID(from: &reader)
        },
        try decoded(fork.proof, "fork proof") { reader throws(DecodingFault) in
          try ForkProof(from: &reader)
        })
    case .fragment(let fragment):
      self = .fragment(
        Fragment(
          recordByteCount: fragment.recordByteCount, offset: fragment.offset,
          content: [UInt8](fragment.content), hasMore: fragment.more))
    case .applied(let counts):
      self = .applied(
        AppliedCounts(
          applied: counts.applied, alreadyHeld: counts.alreadyHeld, refused: counts.refused))
    case .closing(let closing): self = .closing(try Closing(closing))
    case .refusal(let refusal): self = .refusal(Refusal(refusal))
    }
  }
}

extension SyncMessage.Hello {
  fileprivate init(_ hello: Daybook_V1_Hello) throws(SyncFault) {
    let book = [UInt8](hello.book)
    var reader = ByteReader(book.span)
    guard book.count == 16, let book = try? BookID(from: &reader) else {
      throw .malformed(field: "book")
    }
    guard hello.scope.utf8.count <= SyncLimits.scopeByteCountMax else {
      throw .overLimit(field: "scope", max: SyncLimits.scopeByteCountMax)
    }
    self.init(
      protocolVersion: hello.protocolVersion, book: book, scope: hello.scope,
      eventCount: hello.eventCount, setRoot: try digest(hello.setRoot, "set root"),
      summary: [UInt8](hello.summary))
  }
}

extension SyncMessage.OriginRuns {
  fileprivate init(_ intervals: Daybook_V1_OriginIntervals) throws(SyncFault) {
    let bytes = [UInt8](intervals.origin)
    var reader = ByteReader(bytes.span)
    guard bytes.count == OriginID.byteCount, let origin = try? OriginID(from: &reader) else {
      throw .malformed(field: "origin")
    }
    self.init(origin: origin, bounds: intervals.bounds, rootPrefix: intervals.rootPrefix)
  }
}

extension SyncMessage.Proof {
  fileprivate init(_ proof: Daybook_V1_Proof) throws(SyncFault) {
    let head: SignedHead? =
      proof.head.isEmpty
      ? nil
      : try decoded(proof.head, "head") { reader throws(DecodingFault) in
        try SignedHead(from: &reader)
      }
    let rest = try decoded(proof.rest, "proof") { reader throws(DecodingFault) in
      var hashes: [Digest256] = []
      while reader.remaining > 0 { hashes.append(try Digest256(from: &reader)) }
      return hashes
    }
    self.init(head: head, rest: rest)
  }
}

extension SyncMessage.Refusal {
  /// A peer's refusal, with its text cut to the limit and without control characters, since it will
  /// be printed.
  fileprivate init(_ refusal: Daybook_V1_Refusal) {
    let printable = refusal.message.unicodeScalars.lazy
      .filter { !$0.properties.isControl }
      .prefix(SyncLimits.refusalByteCountMax)
    self.init(
      code: RefusalCode(rawValue: refusal.code.rawValue) ?? .unspecified,
      message: String(String.UnicodeScalarView(printable)))
  }
}

extension Unicode.Scalar.Properties {
  /// Whether the scalar commands a terminal rather than being read.
  fileprivate var isControl: Bool {
    [.control, .format, .lineSeparator, .paragraphSeparator].contains(generalCategory)
  }
}

extension Closing {
  fileprivate init(_ closing: Daybook_V1_Closing) throws(SyncFault) {
    guard closing.projections.count <= SyncLimits.projectionCountMax else {
      throw .overLimit(field: "projections", max: SyncLimits.projectionCountMax)
    }
    var projections: [AnswerDigest] = []
    for projection in closing.projections {
      projections.append(
        AnswerDigest(
          name: projection.name, version: projection.version,
          digest: try digest(projection.digest, "projection digest")))
    }
    self.init(
      setRoot: try digest(closing.setRoot, "set root"),
      rules: try digest(closing.rules, "rules"), projections: projections)
  }
}

/// What `read` makes of all of `data`, or a fault that names the field.
private func decoded<Answer>(
  _ data: Data, _ field: String, _ read: (inout ByteReader) throws(DecodingFault) -> Answer
) throws(SyncFault) -> Answer {
  let bytes = [UInt8](data)
  do throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    let answer = try read(&reader)
    try reader.expectEnd()
    return answer
  } catch {
    throw .malformed(field: field)
  }
}

/// The digest in `data`, or a fault that names the field.
private func digest(_ data: Data, _ field: String) throws(SyncFault) -> Digest256 {
  guard let digest = Digest256(bytes: [UInt8](data)) else { throw .malformed(field: field) }
  return digest
}
