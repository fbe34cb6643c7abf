import SyntheticWorkload

/// Makes hostile inputs of valid ones, the same for the same seed: bits and bytes changed, lengths and
/// counts at their extremes, parts cut out, doubled and taken from another input.
struct ByteMutator {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// One of `seeds`, changed in one to four places.
  mutating func input(from seeds: [[UInt8]]) -> [UInt8] {
    var bytes = random.pick(seeds)
    for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, seeds) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
    guard !bytes.isEmpty else {
      bytes = random.bytes(5)
      return
    }
    let at = place(in: bytes)
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff])
    case 3: bytes.removeSubrange(at...)
    case 4: bytes.removeSubrange(range(from: at, in: bytes))
    case 5: bytes.insert(contentsOf: bytes[range(from: at, in: bytes)], at: at)
    case 6: replace(&bytes, at: at, with: Self.longVarints)
    case 7: replace(&bytes, at: at, with: Self.words)
    case 8:
      let other = random.pick(seeds)
      guard !other.isEmpty else { return }
      let from = place(in: other)
      bytes.replaceSubrange(range(from: at, in: bytes), with: other[range(from: from, in: other)])
    default: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...9, using: &random)), at: at)
    }
  }

  /// Varints at their bounds, of ten bytes, and of more than 64 bits.
  private static let longVarints: [[UInt8]] = [
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x07], [0x80, 0x80, 0x40],
    [0x80, 0x00],
  ]

  /// Fixed-size integers at their bounds.
  private static let words: [[UInt8]] = [
    [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0, 0, 0, 0, 0x80],
  ]

  /// Half of the places lie near the beginning or the end, where headers, counts and trailers are.
  private mutating func place(in bytes: [UInt8]) -> Int {
    let near = min(bytes.count, 48)
    return switch Int.random(in: 0..<4, using: &random) {
    case 0: Int.random(in: 0..<near, using: &random)
    case 1: bytes.count - near + Int.random(in: 0..<near, using: &random)
    default: Int.random(in: 0..<bytes.count, using: &random)
    }
  }

  private mutating func range(from start: Int, in bytes: [UInt8]) -> Range<Int> {
    start..<min(bytes.count, start + Int.random(in: 1...64, using: &random))
  }

  private mutating func replace(
    _ bytes: inout [UInt8], at start: Int, with choices: [[UInt8]]
  ) {
    let choice = random.pick(choices)
    // In the place of as many bytes, or between two.
    let end = random.oneIn(2) ? min(bytes.count, start + choice.count) : start
    bytes.replaceSubrange(start..<end, with: choice)
  }
}
