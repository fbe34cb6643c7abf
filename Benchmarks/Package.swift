// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Daybook fetches the benchmark library.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "daybook-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "daybook", path: "../"),
    // Without its interposers for malloc and the runtime: docs/workarounds.md.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "LogBenchmarks",
      dependencies: [
        .product(name: "InteractionLog", package: "daybook"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "LogBenchmarks",
      swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ]
)
