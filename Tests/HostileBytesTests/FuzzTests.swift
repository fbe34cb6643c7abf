import Foundation
import Testing

/// Every decoder and hostile bytes. A trap ends the process, and so the run; a hang ends it by the
/// runner's limit. `tools/fuzz` runs the same for longer, and keeps what broke a decoder.
@Suite("Hostile bytes")
struct FuzzTests {
  @Test("Mutated inputs are decoded or refused, and nothing else", arguments: FuzzEntry.all)
  func mutated(entry: FuzzEntry) throws {
    let seeds = try entry.seeds()
    try #require(!seeds.isEmpty && seeds.allSatisfy { !$0.isEmpty })
    var mutator = ByteMutator(seed: 1)
    for _ in 0..<entry.rounds {
      let input = mutator.input(from: seeds)
      entry.decode(input.span)
      entry.decode(entry.mend(input).span)
    }
  }

  @Test("Mending a valid input leaves it as it is", arguments: FuzzEntry.all)
  func mending(entry: FuzzEntry) throws {
    for seed in try entry.seeds() { #expect(entry.mend(seed) == seed) }
  }

  @Test("Inputs that a decoder has to bear are there for each class of them")
  func kept() throws {
    let names = Set(FuzzEntry.all.map(\.name))
    #expect(names.count == FuzzEntry.all.count)
    if ProcessInfo.processInfo.environment["DAYBOOK_REGENERATE_GOLDEN"] == "1" {
      for (entry, name, bytes) in HostileCases.all() { try FailCase.write(bytes, entry, name) }
    }
    let found = try FailCase.all()
    #expect(found.allSatisfy { names.contains($0.entry) })
    for (entry, name, bytes) in HostileCases.all() {
      let file = try #require(found.first { $0.entry == entry && $0.name == name }, "\(name)")
      #expect(file.bytes == bytes, "\(entry)/\(name)")
    }
  }

  #if os(Linux)
    /// Within a child process of bounded memory: who allocates what an input claims does not return.
    @Test("Every kept input is decoded or refused in bounded memory and time")
    func replayed() async {
      await #expect(processExitsWith: .success) {
        try limitThisProcess(addedBytes: 1 << 30, seconds: 240)
        for fail in try FailCase.all() {
          let entry = try #require(FuzzEntry.all.first { $0.name == fail.entry })
          entry.decode(fail.bytes.span)
          entry.decode(entry.mend(fail.bytes).span)
        }
      }
    }
  #endif

  /// Runs for `DAYBOOK_FUZZ_SECONDS` from `DAYBOOK_FUZZ_SEED`, over the kept inputs as well as the
  /// valid ones; all decoders in turn, or `DAYBOOK_FUZZ_ENTRY` alone. The input that is being decoded
  /// lies in the file `DAYBOOK_FUZZ_CURRENT`, the decoder's name in `DAYBOOK_FUZZ_CURRENT_ENTRY`, for
  /// whoever finds this process dead.
  @Test(
    "A longer run, when it is asked for",
    .enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_FUZZ_SECONDS"] != nil))
  func longer() throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = try #require(Double(environment["DAYBOOK_FUZZ_SECONDS"] ?? ""))
    let seed = try #require(UInt64(environment["DAYBOOK_FUZZ_SEED"] ?? "1"))
    let current = URL(fileURLWithPath: try #require(environment["DAYBOOK_FUZZ_CURRENT"]))
    let name = URL(fileURLWithPath: try #require(environment["DAYBOOK_FUZZ_CURRENT_ENTRY"]))
    let entries = FuzzEntry.all.filter { $0.name == environment["DAYBOOK_FUZZ_ENTRY"] ?? $0.name }
    try #require(!entries.isEmpty, "no decoder has this name")
    let kept = try FailCase.all()
    for entry in entries {
      let seeds = try entry.seeds() + kept.filter { $0.entry == entry.name }.map(\.bytes)
      try Data(entry.name.utf8).write(to: name)
      var mutator = ByteMutator(seed: seed)
      let end = Date(timeIntervalSinceNow: seconds / Double(entries.count))
      var count = 0
      while Date() < end {
        let input = mutator.input(from: seeds)
        let mended = entry.mend(input)
        try Data(mended).write(to: current)
        entry.decode(mended.span)
        if mended != input {
          try Data(input).write(to: current)
          entry.decode(input.span)
        }
        count += 1
      }
      print("\(entry.name): \(count) inputs")
    }
  }
}
