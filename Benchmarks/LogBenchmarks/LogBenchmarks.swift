internal import Benchmark

/// Registers every benchmark of this executable; the library calls it.
///
/// Throughput is per round of what each name says: the scaling factor covers the loop.
let benchmarks: @Sendable () -> Void = {
  registerByteCodingBenchmarks()
  registerEventBenchmarks()
}
