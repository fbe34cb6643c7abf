// A bit's probability is mixed from what several contexts have seen. Each has a slot:
//
//   slot  := probability that the bit is 1, 22 bits | how many bits it has seen, 10 bits, at most 255
//
// A slot begins with ½ and moves by 1 ÷ (seen + 1.5) of its error. The probabilities are stretched to
// ln(p ÷ (1 − p)), added up by weights, and squashed back; the weights move towards what would have
// been better. All is integer arithmetic, so that readers mix as writers did.
//
// Source: Mahoney, *Adaptive weighing of context models for lossless data compression*, 2005.

/// The tables that slots and weights are reckoned by.
enum BitMixing {
  /// Most contexts of a bit.
  static let contextsMax = 10
  /// What a slot begins with.
  static let slot: UInt32 = 1 << 31
  /// Most bits that a slot counts.
  static let seenMax: UInt32 = 255
  /// Levels of bits that have weights of their own.
  static let levelsMax = 16

  /// 65,536 ÷ (1 + e^−x) for x = −8, −7.5 … 8.
  private static let curve: [Int] = [
    22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
    40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438,
    65476, 65500, 65514,
  ]

  /// The probability, in 65,536ths, of a stretched one from −2048 on, in 256ths.
  static let squashed: [UInt32] = (0..<4096).map { index in
    let (step, rest) = (index >> 7, index & 127)
    return UInt32((curve[step] * (128 - rest) + curve[step + 1] * rest) >> 7)
  }

  /// The least stretched probability, in 256ths, whose squashed one is not below the given one in
  /// 4,096ths.
  static let stretched: [Int32] = {
    var table: [Int32] = []
    var at = 0
    for probability in 0..<4096 {
      while at < 4095, squashed[at] >> 4 < UInt32(probability) { at += 1 }
      table.append(Int32(at - 2048))
    }
    return table
  }()

  /// 65,536 ÷ (seen + 1.5).
  static let rates: [Int64] = (0...255).map { 131_072 / (2 * $0 + 3) }

  /// Which of four kinds of weights go with how much a context has seen.
  @inline(__always)
  static func trust(_ seen: UInt32) -> Int { seen == 0 ? 0 : seen < 4 ? 1 : seen < 24 ? 2 : 3 }

  @inline(__always)
  static func hash(_ one: UInt32, _ other: UInt32) -> UInt32 {
    let mixed = (one &* 0x9e37_79b1 &+ other &+ 1) &* 0x85eb_ca6b
    return mixed ^ mixed &>> 15
  }
}

/// Mixes the bits of one stream.
///
/// The slots of a context lie in groups of 16, one for the up to four bits that follow one another: where a
/// group lies is told by a hash, which slot it is by the bits before in the group.
struct BitMixer {
  /// The slots of each context, 2 to the `slotBits`.
  private var slots: [UInt32]
  private var weights: [Int32]
  /// How many bits each set of weights has seen, at most 255.
  private var weightAges: [UInt8]
  private let contextCount: Int
  private let slotBits: Int
  // Held here, since a global is asked each time whether it has been made.
  private let stretched = BitMixing.stretched
  private let squashed = BitMixing.squashed
  private let rates = BitMixing.rates
  /// Where the group of each context begins.
  private var groups = InlineArray<10, Int>(repeating: 0)

  init(contextCount: Int, slotBits: Int) {
    self.contextCount = contextCount
    self.slotBits = slotBits
    slots = [UInt32](repeating: BitMixing.slot, count: contextCount << slotBits)
    weights = [Int32](
      repeating: Int32(65_536 / contextCount + 8192),
      count: contextCount * BitMixing.levelsMax * 4)
    weightAges = [UInt8](repeating: 0, count: BitMixing.levelsMax * 4)
  }

  /// Goes to the group of slots that each context has at a node: a place within a value.
  @inline(__always)
  mutating func enter(_ node: UInt32, _ contexts: InlineArray<10, UInt32>) {
    for index in 0..<contextCount {
      let hash = BitMixing.hash(contexts[index], node)
      groups[index] =
        (index &<< slotBits) &+ (Int(hash &>> UInt32(36 &- slotBits)) &<< 4)
    }
  }

  /// Codes up to four bits behind one another in the group that was entered.
  ///
  /// - Parameters:
  ///   - bits: What to write; of no meaning to a reader.
  ///   - count: How many, 1 to 4.
  ///   - level: How many bits of the value come before them.
  ///   - coder: What writes or reads them.
  /// - Returns: The bits.
  @inline(__always)
  mutating func code<Coder: BitCoder>(
    _ bits: UInt64, count: Int, level: Int, by coder: inout Coder
  ) -> UInt64 {
    var node = 1
    for index in 0..<count {
      let bit = Int(truncatingIfNeeded: bits &>> UInt64(count &- 1 &- index)) & 1
      node = node &<< 1 | code(bit, slot: node, level: level &+ index, by: &coder)
    }
    return UInt64(node) & (1 &<< UInt64(count) &- 1)
  }

  @inline(__always)
  private mutating func code<Coder: BitCoder>(
    _ bit: Int, slot node: Int, level: Int, by coder: inout Coder
  ) -> Int {
    guard contextCount > 1 else {
      let slot = slots[groups[0] &+ node]
      let found = coder.code(bit, probability: min(max(slot &>> 16, 16), 65_520))
      slots[groups[0] &+ node] = moved(slot, found)
      return found
    }
    var inputs = InlineArray<10, Int>(repeating: 0)
    let last = slots[groups[contextCount &- 1] &+ node]
    let set = min(level, BitMixing.levelsMax &- 1) &* 4 &+ BitMixing.trust(last & 1023)
    let first = set &* contextCount
    var sum = 0
    for index in 0..<contextCount {
      inputs[index] = Int(stretched[Int(slots[groups[index] &+ node] &>> 20)])
      sum &+= inputs[index] &* Int(weights[first &+ index])
    }
    let probability = squashed[min(max(sum &>> 16, -2048), 2047) &+ 2048]
    let found = coder.code(bit, probability: probability)
    let error = (found &<< 16) &- Int(probability)
    let age = weightAges[set]
    let rate = max(2, 16 &- Int(age &>> 4))
    if age < 255 { weightAges[set] = age &+ 1 }
    for index in 0..<contextCount {
      let move = (inputs[index] &* error &* rate) &>> 18
      weights[first &+ index] = Int32(
        truncatingIfNeeded: min(max(Int(weights[first &+ index]) &+ move, -1 &<< 20), 1 &<< 20))
      slots[groups[index] &+ node] = moved(slots[groups[index] &+ node], found)
    }
    return found
  }

  /// A slot that has seen one more bit.
  @inline(__always)
  private func moved(_ slot: UInt32, _ bit: Int) -> UInt32 {
    let seen = slot & 1023
    let probability = Int64(slot &>> 10)
    let target: Int64 = bit == 1 ? 4_194_303 : 0
    let moved = probability &+ ((target &- probability) &* rates[Int(seen)]) &>> 16
    return UInt32(truncatingIfNeeded: moved) &<< 10
      | (seen < BitMixing.seenMax ? seen &+ 1 : seen)
  }
}
