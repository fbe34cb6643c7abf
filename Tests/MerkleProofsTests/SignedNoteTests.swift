import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("SignedNote")
struct SignedNoteTests {
  /// The example of C2SP signed-note.
  static let poem = """
    Ognuno sta solo sul cuor della terra
    trafitto da un raggio di sole:

    ed è subito sera.

    — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

    """

  static func signer(_ name: String = "daybook.log/00/11") throws -> NoteSigner {
    try #require(NoteSigner(name: name, seed: Array(0..<32)))
  }

  static func note(_ head: TreeHead, by signer: NoteSigner) throws -> SignedNote {
    try SignedHead(signing: head, by: signer).note(of: signer.verifier)
  }

  @Test("The specification's note is read and written as it is")
  func poem() throws {
    let note = try SignedNote(Array(Self.poem.utf8))
    #expect(String(decoding: note.text, as: UTF8.self).hasSuffix("\ned è subito sera.\n"))
    #expect(note.signatures.map(\.name) == ["quasimodo.example/salvatore"])
    #expect(note.signatures.map(\.keyID) == [0x367b_a04b])
    #expect(note.signatures.map(\.signature.count) == [64])
    #expect(note.bytes == Array(Self.poem.utf8))
  }

  @Test("A key in the form of vkey has the key id that others compute")
  func vkey() throws {
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    let verifier = try #require(NoteVerifier(vkey: text))
    #expect(verifier.name == "PeterNeumann")
    #expect(verifier.vkey == text)
    let note = """
      If you think cryptography is the answer to your problem,
      then you don't know what your problem is.

      — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

      """
    try SignedNote(Array(note.utf8)).check(by: verifier)
    for wrong in [
      "", "+", "++", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", text + "AAAA",
      "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
      #expect(NoteVerifier(vkey: wrong) == nil)
    }
  }

  @Test("Names with spaces, plus signs, control characters or nothing are refused")
  func names() {
    for name in [
      "", "a b", "a+b", "a\nb", "a\u{2003}b", "a\u{85}b", String(repeating: "a", count: 256),
    ] {
      #expect(NoteSigner(name: name, seed: Array(0..<32)) == nil)
    }
    #expect(NoteSigner(name: "a", seed: Array(0..<31)) == nil)
  }

  @Test("What is not a note is refused with the reason")
  func refused() throws {
    let line = "— a AAAAAAA=\n"
    func fault(_ text: String) -> NoteFault? {
      do throws(NoteFault) {
        _ = try SignedNote(Array(text.utf8))
        return nil
      } catch {
        return error
      }
    }
    #expect(fault("text\n\n" + line) == nil)
    #expect(fault("text\n" + line) == .noSignatures)
    #expect(fault("text\n\n") == .noSignatures)
    #expect(fault("\n") == .noSignatures)
    #expect(fault("") == .noSignatures)
    #expect(fault("text\n\n— a AAAAAAA=") == .noSignatures)
    #expect(fault("te\txt\n\n" + line) == .notText)
    #expect(fault("text\r\n\r\n" + line) == .notText)
    for wrong in [
      "- a AAAAAAA=\n", "—  AAAAAAA=\n", "— a AAAAAAA\n", "— a AAAAAA==\n", "— a AAAAAAB=\n",
      "— a\n", "— a b AAAAAAA=\n", "— a+b AAAAAAA=\n", "— a AAAAAAA= \n",
    ] {
      #expect(fault("text\n\n" + wrong) == .malformedSignature(line: 1))
      #expect(fault("text\n\n" + line + wrong) == .malformedSignature(line: 2))
    }
    let many = String(repeating: line, count: 65)
    #expect(fault("text\n\n" + many) == .tooManySignatures(count: 65, max: 64))
    #expect(throws: NoteFault.notText) { try SignedNote([0xff, 10, 10] + Array(line.utf8)) }
    #expect(throws: NoteFault.tooLong(byteCount: 1_048_577, max: 1_048_576)) {
      try SignedNote([UInt8](repeating: 10, count: 1_048_577))
    }
  }

  @Test("Lines of other keys are ignored; a false line in the known key's name is not")
  func otherSigners() throws {
    let signer = try Self.signer()
    let other = try #require(NoteSigner(name: signer.verifier.name, seed: Array(1..<33)))
    let head = TreeHead(size: 5, root: .hash([1]))
    let note = try Self.note(head, by: signer)
    let foreign = try Self.note(head, by: other)
    let lines = foreign.bytes.dropFirst(note.text.count + 1)
    try SignedNote(note.bytes + lines).check(by: signer.verifier)
    #expect(throws: NoteFault.unsigned) { try foreign.check(by: signer.verifier) }
    let moved = try Self.note(TreeHead(size: 6, root: .hash([1])), by: signer)
    let both = note.bytes + moved.bytes.dropFirst(moved.text.count + 1)
    #expect(throws: NoteFault.badSignature) { try SignedNote(both).check(by: signer.verifier) }
  }

  @Test("A note with any byte changed is refused, or does not verify", arguments: 1...4)
  func changedBytes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let signer = try Self.signer()
    let note = try Self.note(TreeHead(size: 70_000, root: .hash([2])), by: signer)
    for place in note.bytes.indices {
      var bytes = note.bytes
      bytes[place] ^= UInt8.random(in: 1...255, using: &random)
      guard let changed = try? SignedNote(bytes) else { continue }
      #expect(changed.bytes == bytes)
      #expect(throws: NoteFault.self) { try changed.check(by: signer.verifier) }
    }
  }
}
