import BinaryCoding
import Testing

@Suite("SipHash")
struct SipHashTests {
  // CPython 3.11 hashes bytes so: PYTHONHASHSEED=0 python3 -c 'print(hash(bytes(range(7))))'
  @Test(
    "Known hashes of the bytes 0, 1, … under the key 0, 0",
    arguments: [
      (1, 0x68a9_1412_8e01_e473), (7, 0x2f09_8ab0_c751_325a), (8, 0xead4_11e6_7ebe_2eea),
      (15, 0xf30e_b725_bb91_c9ea), (16, 0x8972_1884_33a5_c5b7), (63, 0x385d_3e39_e5f3_7359),
    ] as [(Int, UInt64)])
  func known(_ count: Int, _ hash: UInt64) {
    let bytes = (0..<count).map { UInt8($0) }
    #expect(SipHash(0, 0).hash(bytes.span) == hash)
  }

  @Test("Another key or another length gives another hash")
  func differs() {
    let bytes = [UInt8](repeating: 0, count: 16)
    let hash = SipHash(0, 0).hash(bytes.span)
    #expect(SipHash(1, 0).hash(bytes.span) != hash)
    #expect(SipHash(0, 1).hash(bytes.span) != hash)
    #expect(SipHash(0, 0).hash(bytes.span.extracting(0..<15)) != hash)
  }
}
