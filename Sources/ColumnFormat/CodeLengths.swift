/// Estimates of how many bits values take, quicker than coding them.
enum CodeLengths {
  /// The binary logarithm of a positive number, to about a hundredth.
  static func log2(_ value: Double) -> Double {
    let x = value.significand
    // A parabola through both ends, where it is exact, with the least error between them.
    return Double(value.exponent) + (x - 1) * (1 + 0.3437 * (2 - x))
  }

  /// What is mixed of values: of plain ones all, of others the class and three bits behind the leading one.
  private static func tokens(_ values: [UInt64], greatest: UInt64) -> [Int] {
    guard greatest > 255 else { return values.map { Int($0) } }
    return values.map { value in
      let length = bitLength(value)
      return length < 5 ? Int(value) : length &* 8 &- 24 | Int(value &>> UInt64(length &- 4)) & 7
    }
  }

  /// About how many bits values take by themselves and, each behind the one before, mixed.
  static func ofMixed(_ values: [UInt64]) -> (alone: Double, behind: Double) {
    let greatest = values.max() ?? 0
    let tokens = tokens(values, greatest: greatest)
    let size = (tokens.max() ?? 0) + 1
    var counts = [Int32](repeating: 0, count: size)
    var pairs = [Int32](repeating: 0, count: size * size)
    var before = 0
    for token in tokens {
      counts[token] += 1
      pairs[before &* size &+ token] += 1
      before = token
    }
    var packed = 0
    if greatest > 255 {
      for value in values { packed &+= max(0, bitLength(value) &- 4) }
    }
    var behind = 0.0
    for context in 0..<size where counts[context] > 0 {
      behind += length(of: pairs[context * size..<(context + 1) * size])
    }
    return (length(of: counts[...]) + Double(packed), behind + Double(packed))
  }

  /// How many bits symbols take that occur so often, each learned on the way.
  private static func length(of counts: ArraySlice<Int32>) -> Double {
    var total = 0
    var bits = 0.0
    var different = 0
    for count in counts where count > 0 {
      total += Int(count)
      bits -= Double(count) * log2(Double(count))
      different += 1
    }
    guard total > 0 else { return 0 }
    return bits + Double(total) * log2(Double(total))
      + Double(different - 1) * 0.5 * log2(Double(total) + 1)
  }

  /// About how many bits symbols take if another one is known beside each.
  static func of(_ symbols: [UInt32], beside known: [UInt32]) -> Double {
    var pairs: [UInt64: UInt32] = [:]
    var totals: [UInt32: UInt32] = [:]
    var counts: [UInt32: UInt32] = [:]
    for symbol in symbols { counts[symbol, default: 0] += 1 }
    let all = Double(symbols.count)
    var bits = 0.0
    for (symbol, context) in zip(symbols, known) {
      let pair = UInt64(context) << 32 | UInt64(symbol)
      let seen = pairs[pair, default: 0]
      let total = totals[context, default: 0]
      let share = Double(counts[symbol, default: 0]) / all
      bits -= log2((Double(seen) + 2 * share) / (Double(total) + 2))
      pairs[pair] = seen + 1
      totals[context] = total + 1
    }
    return bits
  }
}
