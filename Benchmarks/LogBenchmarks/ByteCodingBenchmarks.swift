internal import Benchmark
// No product exports this target; the module comes along with the product InteractionLog.
internal import BinaryCoding

/// Registers what every byte of the log passes through: the checksum and the integers.
func registerByteCodingBenchmarks() {
  Benchmark("CRC32C, a block of 64 KiB", configuration: measured) { benchmark in
    let block = scrambledBytes(count: 64 * 1024, seed: 1)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      blackHole(CRC32C.checksum(block))
    }
  }

  Benchmark("Varints, write 1,000", configuration: measured) { benchmark in
    let values = scrambledVarints(count: 1_000, seed: 2)
    var writer = ByteWriter(capacity: 10_000)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      writer.removeAll()
      for value in values { writer.writeVarint(value) }
      blackHole(writer.count)
    }
  }

  Benchmark("Varints, read 1,000", configuration: measured) { benchmark in
    var writer = ByteWriter()
    for value in scrambledVarints(count: 1_000, seed: 2) { writer.writeVarint(value) }
    let bytes = writer.bytes
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      blackHole(try sumOfVarints(bytes.span))
    }
  }
}

/// A thousand rounds a sample, so that the clock's own cost disappears.
private var measured: Benchmark.Configuration {
  Benchmark.Configuration(
    metrics: [.wallClock, .throughput, .instructions], scalingFactor: .kilo)
}

/// Reads varints to the end of `bytes` and adds them up.
private func sumOfVarints(_ bytes: Span<UInt8>) throws -> UInt64 {
  var reader = ByteReader(bytes)
  var sum: UInt64 = 0
  while !reader.isAtEnd { sum &+= try reader.readVarint() }
  return sum
}

/// Values of one to ten bytes, the short ones most frequent, as lengths and differences are.
private func scrambledVarints(count: Int, seed: UInt64) -> [UInt64] {
  var state = seed
  return (0..<count).map { _ in nextScrambled(&state) >> (nextScrambled(&state) & 63) }
}

/// Bytes without a pattern; the same for the same seed.
private func scrambledBytes(count: Int, seed: UInt64) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: nextScrambled(&state)) }
}

/// SplitMix64. Source: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*,
/// 2014.
private func nextScrambled(_ state: inout UInt64) -> UInt64 {
  state &+= 0x9e37_79b9_7f4a_7c15
  var value = state
  value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
  value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
  return value ^ (value >> 31)
}
