import BinaryCoding
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Set root")
struct SetRootTests {
  @Test("The root of a known set is the digest of the bytes the format lays out")
  func layout() throws {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 0xab, count: 32)))
    let origin = OriginID(incarnation: 0x0102_0304_0506_0708, key: key)
    let held = IntervalSet([IntervalSet.Run(first: 2, last: 3), IntervalSet.Run(first: 6, last: 6)])
    let root = Digest256.hash(Array("root".utf8))
    var builder = SetRootBuilder(book: BookID(high: 1, low: 2))
    builder.add(origin: origin, held: held, root: root)

    let book: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    let name: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 0xab, count: 32)
    let words: (UInt8) -> [UInt8] = { [0, 0, 0, 0, 0, 0, 0, $0] }
    let gaps = words(2) + words(1) + words(1) + words(4) + words(5)
    #expect(builder.finish() == Digest256.hash(book + name + words(6) + root.bytes + gaps))
  }

  @Test("The root of an empty book is the digest of its name")
  func empty() {
    let root = SetRootBuilder(book: BookID(high: 1, low: 2)).finish()
    #expect(
      root.description == "8c7654ecfd7b0b623b803e2f4e02ad1cc84278efdfcd7c4c9208edd81f17e115")
  }
}
