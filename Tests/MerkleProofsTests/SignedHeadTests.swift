import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Checkpoints and compact heads")
struct SignedHeadTests {
  private func text(_ lines: String...) -> [UInt8] {
    Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  private static let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

  @Test("A checkpoint is read with its further lines and written as it was")
  func checkpoint() throws {
    let bytes = text("example.com/behind-the-sofa", "20852163", Self.root, "more", "and more")
    let checkpoint = try Checkpoint(text: bytes)
    #expect(checkpoint.origin == "example.com/behind-the-sofa")
    #expect(checkpoint.head.size == 20_852_163)
    #expect(checkpoint.head.root.bytes.prefix(4) == [0x0a, 0xc5, 0x18, 0x6a])
    #expect(checkpoint.extensions == ["more", "and more"])
    #expect(checkpoint.text == bytes)
  }

  @Test("Each line that is not as it should be is named")
  func malformedLines() {
    func fault(_ bytes: [UInt8]) -> NoteFault? {
      do throws(NoteFault) {
        _ = try Checkpoint(text: bytes)
        return nil
      } catch {
        return error
      }
    }
    for size in ["", "-1", "+1", "01", "1 ", "1.0", "٣", "4611686018427387905", "0x1"] {
      #expect(fault(text("a", size, Self.root)) == .malformedLine(2))
    }
    #expect(fault(text("a", "4611686018427387904", Self.root)) == nil)
    let twentySeven = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2"
    for root in [Self.root + "=", twentySeven + "J=", twentySeven + "I", "AAAA", Self.root + " "] {
      #expect(fault(text("a", "1", root)) == .malformedLine(3))
    }
    #expect(fault(text("", "1", Self.root)) == .malformedLine(1))
    #expect(fault(text("a", "1", Self.root, "")) == .malformedLine(4))
    #expect(fault(text("a", "1")) == .malformedLine(3))
    #expect(fault(text("a", "1", Self.root).dropLast()) == .malformedLine(3))
    #expect(fault([]) == .malformedLine(1))
  }

  @Test("The note is rebuilt from the compact form to the byte")
  func compact() throws {
    let signer = try SignedNoteTests.signer()
    let verifier = signer.verifier
    for size in [0, 1, 127, 128, 70_000, 1 << 62] as [UInt64] {
      let signed = try SignedHead(signing: TreeHead(size: size, root: .hash([3])), by: signer)
      var writer = ByteWriter()
      signed.write(to: &writer)
      #expect(writer.count == varintByteCount(size) + 96)
      var reader = ByteReader(writer.bytes.span)
      let read = try SignedHead(from: &reader)
      try reader.expectEnd()
      #expect(read == signed)
      #expect(read.isValid(by: verifier))
      let note = try SignedNote(read.note(of: verifier).bytes)
      #expect(try SignedHead(note, by: verifier) == signed)
    }
  }

  @Test("Compact heads with any byte changed do not verify, cut ones are typed faults")
  func changed() throws {
    let signer = try SignedNoteTests.signer()
    let signed = try SignedHead(signing: TreeHead(size: 300, root: .hash([4])), by: signer)
    var writer = ByteWriter()
    signed.write(to: &writer)
    for place in writer.bytes.indices {
      var bytes = writer.bytes
      bytes[place] ^= 1
      var reader = ByteReader(bytes.span)
      guard let other = try? SignedHead(from: &reader) else { continue }
      #expect(!other.isValid(by: signer.verifier))
      let cut = Array(writer.bytes.prefix(place))
      #expect(throws: DecodingFault.self) {
        var reader = ByteReader(cut.span)
        _ = try SignedHead(from: &reader)
      }
    }
    writer.removeAll()
    writer.writeVarint(1 << 62 + 1)
    let large = writer.bytes + [UInt8](repeating: 0, count: 96)
    #expect(throws: DecodingFault.tooLarge(value: 1 << 62 + 1, max: 1 << 62, at: 0)) {
      var reader = ByteReader(large.span)
      _ = try SignedHead(from: &reader)
    }
  }

  @Test("A note under another name than its log's is no head of it")
  func otherName() throws {
    let signer = try SignedNoteTests.signer()
    let other = try SignedNoteTests.signer("another.log")
    let head = try SignedHead(signing: TreeHead(size: 1, root: .zero), by: signer)
    #expect(!head.isValid(by: other.verifier))
    #expect(throws: NoteFault.unsigned) {
      try SignedHead(head.note(of: signer.verifier), by: other.verifier)
    }
  }
}
