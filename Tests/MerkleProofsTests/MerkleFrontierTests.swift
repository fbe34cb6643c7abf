import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("MerkleFrontier")
struct MerkleFrontierTests {
  /// The eight entries that Certificate Transparency implementations test with.
  static let entries: [[UInt8]] = [
    [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
    [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    [
      0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
      0x6f,
    ],
  ]
  /// The roots of the trees of the first 0, 1, … 8 entries.
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  @Test("Roots are those of Certificate Transparency's reference trees")
  func knownRoots() {
    var tree = MerkleFrontier()
    #expect(tree.root.description == Self.roots[0])
    for (entry, root) in zip(Self.entries, Self.roots.dropFirst()) {
      tree.append(MerkleFrontier.leafHash(entry))
      #expect(tree.root.description == root)
    }
  }

  @Test("Roots equal the definition, spelled out, for every size up to 300")
  func definition() {
    var random = SeededGenerator(seed: 11)
    var tree = MerkleFrontier()
    var leaves: [Digest256] = []
    for size in 0...300 {
      #expect(tree.size == UInt64(size))
      #expect(tree.root == definedRoot(leaves[...]))
      let leaf = MerkleFrontier.leafHash(random.bytes(9))
      leaves.append(leaf)
      tree.append(leaf)
    }
  }

  @Test("A frontier written and read again goes on as if nothing had happened")
  func continuesAfterDecoding() throws {
    var tree = MerkleFrontier()
    for size in 0..<130 {
      var writer = ByteWriter()
      tree.write(to: &writer)
      var reader = ByteReader(writer.bytes.span)
      var decoded = try MerkleFrontier(from: &reader)
      try reader.expectEnd()
      #expect(decoded == tree)
      let leaf = MerkleFrontier.leafHash([UInt8(size)])
      decoded.append(leaf)
      tree.append(leaf)
      #expect(decoded.root == tree.root)
    }
  }

  @Test("Any cut of a frontier is a typed fault")
  func cut() {
    var tree = MerkleFrontier()
    for byte in 0..<7 as Range<UInt8> { tree.append(MerkleFrontier.leafHash([byte])) }
    var writer = ByteWriter()
    tree.write(to: &writer)
    for count in 0..<writer.count {
      let bytes = Array(writer.bytes.prefix(count))
      #expect(throws: DecodingFault.self) {
        var reader = ByteReader(bytes.span)
        _ = try MerkleFrontier(from: &reader)
      }
    }
  }

  @Test("A size no log can reach is refused, so that appending cannot overflow")
  func hugeSize() {
    var writer = ByteWriter()
    writer.writeVarint(.max)
    for _ in 0..<64 { Digest256.zero.write(to: &writer) }
    let bytes = writer.bytes
    #expect(throws: DecodingFault.tooLarge(value: .max, max: 1 << 62, at: 0)) {
      var reader = ByteReader(bytes.span)
      _ = try MerkleFrontier(from: &reader)
    }
  }

  /// RFC 6962 §2.1, word for word: split at the largest power of two below the count.
  private func definedRoot(_ leaves: ArraySlice<Digest256>) -> Digest256 {
    guard let first = leaves.first else { return Digest256.hash([]) }
    guard leaves.count > 1 else { return first }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    return MerkleFrontier.nodeHash(
      definedRoot(leaves.prefix(split)), definedRoot(leaves.dropFirst(split)))
  }
}
