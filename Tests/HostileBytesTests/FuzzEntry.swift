import Testing

/// A decoder, and what to try it with.
///
/// Decoders may refuse and may accept; they must come to an end, without a trap and within memory
/// that follows from the limits of the format. Faults are typed, and no error is expected here.
struct FuzzEntry: Sendable, CustomTestStringConvertible {
  /// What is decoded; its hostile inputs lie in `FailCases/NAME`.
  let name: String
  /// Valid inputs, which hostile ones are made of.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// How many inputs a test run makes: fewer where a decoder opens a whole store.
  let rounds: Int
  /// Puts checksums right that a change made wrong, so that what lies behind them is reached.
  let mend: @Sendable ([UInt8]) -> [UInt8]
  /// Decodes an input, all of it that a reader of the format would.
  let decode: @Sendable (Span<UInt8>) -> Void

  init(
    _ name: String, rounds: Int = 400, seeds: @escaping @Sendable () throws -> [[UInt8]],
    mend: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 },
    decode: @escaping @Sendable (Span<UInt8>) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.rounds = rounds
    self.mend = mend
    self.decode = decode
  }

  var testDescription: String { name }

  /// All decoders, from the outside inwards.
  static let all: [FuzzEntry] =
    storeFiles + backupFiles + segmentParts + events + proofs + input + sync
}
