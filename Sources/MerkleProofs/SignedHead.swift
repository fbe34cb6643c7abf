public import BinaryCoding

/// A head and its Ed25519 signature: a checkpoint note in about 100 bytes, its name and key left out.
///
/// The signature is over the checkpoint's text, so that the note can be rebuilt for other tools.
/// Source: `docs/format/proofs.md` §3.2.
public struct SignedHead: Hashable, Sendable {
  /// Bytes of a signature.
  public static let signatureByteCount = 64

  /// What is signed.
  public let head: TreeHead
  /// 64 bytes.
  public let signature: [UInt8]

  /// Signs `head`. About 20 µs.
  ///
  /// - Parameters:
  ///   - head: The caller's own tree: never one that is inconsistent with one signed before, and never
  ///     one with an event that could still be lost.
  ///   - signer: Holds the name and the key.
  /// - Throws: ``NoteFault/signingFailed``.
  public init(signing head: TreeHead, by signer: NoteSigner) throws(NoteFault) {
    self.head = head
    signature = try signer.sign(Self.text(of: head, name: signer.verifier.name))
  }

  /// The head in a checkpoint note, if it has no extension lines and is signed by `verifier` under
  /// the name of the log.
  ///
  /// - Parameters:
  ///   - note: As another tool or replica published it.
  ///   - verifier: The key that must have signed.
  /// - Throws: ``NoteFault`` if the note is not that.
  public init(_ note: SignedNote, by verifier: NoteVerifier) throws(NoteFault) {
    try note.check(by: verifier)
    let checkpoint = try Checkpoint(text: note.text)
    guard checkpoint.origin.utf8.elementsEqual(verifier.name.utf8) else { throw .malformedLine(1) }
    guard checkpoint.extensions.isEmpty else { throw .malformedLine(4) }
    guard let line = note.signatures.first(where: { $0.claims(verifier) }) else { throw .unsigned }
    head = checkpoint.head
    signature = line.signature
  }

  /// Whether the signature is that of `verifier`. About 70 µs.
  public func isValid(by verifier: NoteVerifier) -> Bool {
    verifier.isValid(signature, over: Self.text(of: head, name: verifier.name))
  }

  /// The checkpoint note, to the byte as if it had been written by its signer.
  public func note(of verifier: NoteVerifier) -> SignedNote {
    SignedNote(
      text: Self.text(of: head, name: verifier.name),
      signature: NoteSignature(signature, by: verifier))
  }

  /// Writes size, root and signature.
  public func write(to writer: inout ByteWriter) {
    head.write(to: &writer)
    writer.write(signature)
  }

  /// Reads what ``write(to:)`` wrote; the signature is not checked.
  ///
  /// - Parameter reader: Stands at the size.
  /// - Throws: ``DecodingFault`` when bytes are missing or malformed.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    head = try TreeHead(from: &reader)
    signature = try reader.readBytes(count: Self.signatureByteCount)
  }

  private static func text(of head: TreeHead, name: String) -> [UInt8] {
    Checkpoint(origin: name, head: head).text
  }
}
