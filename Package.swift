// swift-tools-version: 6.2
import PackageDescription

// The architecture on one screen: targets in layer order, arrows as dependencies.
// An arrow points to a lower layer only; `tools/check-layers` compares every import with it.

/// Settings of every target written by hand.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// For targets with a type that stores a span.
let borrowing = strict + [.enableExperimentalFeature("Lifetimes")]

/// For code generated from `proto/`, which keeps to its generator's idea of warnings.
let generated: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "daybook",
  platforms: [.macOS(.v26), .iOS(.v26)],
  products: [
    .library(name: "InteractionLog", targets: ["InteractionLog"]),
    .library(name: "ChannelAdapters", targets: ["ChannelAdapters"]),
    .executable(name: "daybook", targets: ["daybook"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Layer 0: bytes, files, C libraries, generated messages.
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "BinaryCoding", swiftSettings: borrowing),
    .target(name: "DurableFiles", swiftSettings: strict),
    .target(name: "WireMessages", dependencies: [protobuf], swiftSettings: generated),

    // Layer 1: who and when, proofs, compression.
    .target(name: "HybridTime", dependencies: ["BinaryCoding"], swiftSettings: strict),
    .target(name: "MerkleProofs", dependencies: ["BinaryCoding", crypto], swiftSettings: strict),
    .target(name: "ZstdCompression", dependencies: ["CZstd"], swiftSettings: strict),

    // Layer 2: the event.
    .target(
      name: "EventModel", dependencies: ["BinaryCoding", "HybridTime", "MerkleProofs", crypto],
      swiftSettings: borrowing),

    // Layer 3: pure functions over events.
    .target(
      name: "ChannelAdapters", dependencies: ["BinaryCoding", "EventModel"],
      swiftSettings: borrowing),
    .target(
      name: "SegmentFormat",
      dependencies: ["BinaryCoding", "HybridTime", "EventModel", "ZstdCompression"],
      swiftSettings: borrowing),
    .target(
      name: "ColumnFormat",
      dependencies: ["BinaryCoding", "EventModel", "ZstdCompression"],
      swiftSettings: borrowing),
    .target(
      name: "SyncProtocol",
      dependencies: ["BinaryCoding", "HybridTime", "MerkleProofs", "EventModel"],
      swiftSettings: strict),
    .target(
      name: "BookRules", dependencies: ["HybridTime", "MerkleProofs", "EventModel"],
      swiftSettings: strict),
    .target(
      name: "IdentityResolution", dependencies: ["HybridTime", "EventModel"], swiftSettings: strict),
    .target(
      name: "SyntheticWorkload",
      dependencies: ["BinaryCoding", "HybridTime", "MerkleProofs", "EventModel"],
      swiftSettings: strict),

    // Layer 4: the log, and carrying sync messages.
    .target(
      name: "EventStorage",
      dependencies: [
        "BinaryCoding", "DurableFiles", "HybridTime", "MerkleProofs", "EventModel",
        "SegmentFormat", "ColumnFormat", crypto,
      ],
      swiftSettings: borrowing),
    .target(
      name: "SyncTransport",
      dependencies: [
        "BinaryCoding", "HybridTime", "MerkleProofs", "EventModel", "SyncProtocol", "WireMessages",
        protobuf,
      ],
      swiftSettings: strict),

    // Layers 5 and 6: answers.
    .target(
      name: "ProjectionEngine",
      dependencies: [
        "BinaryCoding", "HybridTime", "MerkleProofs", "EventModel", "BookRules", "EventStorage",
        grdb,
      ],
      swiftSettings: strict),
    .target(
      name: "CustomerProfiles",
      dependencies: [
        "BinaryCoding", "HybridTime", "MerkleProofs", "EventModel", "BookRules",
        "IdentityResolution", "ProjectionEngine", grdb,
      ],
      swiftSettings: strict),

    // Layer 8: what embedders import.
    .target(
      name: "InteractionLog",
      dependencies: [
        "BinaryCoding", "DurableFiles", "HybridTime", "MerkleProofs", "EventModel", "BookRules",
        "EventStorage", "SyncProtocol", "ProjectionEngine", "CustomerProfiles", crypto,
      ],
      swiftSettings: strict),

    // Layers 9 and 10: the edge.
    .target(
      name: "ImportFiles",
      dependencies: [
        "CZlib", "BinaryCoding", "HybridTime", "EventModel", "ChannelAdapters", "InteractionLog",
        "ZstdCompression", yams,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "daybook",
      dependencies: [
        "BinaryCoding", "DurableFiles", "HybridTime", "EventModel", "BookRules", "ChannelAdapters",
        "SyncProtocol", "SyncTransport", "SyntheticWorkload", "EventStorage", "CustomerProfiles",
        "ProjectionEngine", "InteractionLog", "ImportFiles", arguments,
      ],
      swiftSettings: strict),

    // What `tools/bench` measures with; no product of ours, and built by that alone.
    .executableTarget(
      name: "StoreBenchmarks",
      dependencies: [
        "DurableFiles", "HybridTime", "EventModel", "EventStorage", "InteractionLog",
      ],
      path: "Benchmarks/StoreBenchmarks", swiftSettings: strict),

    // One test target for each target with behaviour, under the same name. Some use what the tests of
    // a lower layer write vectors with or read events from.
    .testTarget(
      name: "BinaryCodingTests", dependencies: ["BinaryCoding"], swiftSettings: borrowing),
    .testTarget(name: "DurableFilesTests", dependencies: ["DurableFiles"], swiftSettings: strict),
    .testTarget(
      name: "HybridTimeTests",
      dependencies: ["HybridTime", "BinaryCoding", "SyntheticWorkload"], swiftSettings: strict),
    .testTarget(
      name: "MerkleProofsTests",
      dependencies: ["MerkleProofs", "BinaryCoding", "SyntheticWorkload"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "ZstdCompressionTests", dependencies: ["ZstdCompression"], swiftSettings: strict),
    .testTarget(
      name: "EventModelTests",
      dependencies: [
        "EventModel", "BinaryCoding", "HybridTime", "MerkleProofs", "SyntheticWorkload",
        "MerkleProofsTests",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChannelAdaptersTests",
      dependencies: ["ChannelAdapters", "EventModel", "BinaryCoding", "SyntheticWorkload"],
      swiftSettings: strict),
    .testTarget(
      name: "SegmentFormatTests",
      dependencies: [
        "SegmentFormat", "EventModel", "HybridTime", "BinaryCoding", "SyntheticWorkload",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ColumnFormatTests",
      dependencies: [
        "ColumnFormat", "EventModel", "HybridTime", "MerkleProofs", "BinaryCoding",
        "SyntheticWorkload",
      ],
      swiftSettings: borrowing),
    .testTarget(
      name: "BookRulesTests",
      dependencies: [
        "BookRules", "EventModel", "HybridTime", "MerkleProofs", "SyntheticWorkload",
        "MerkleProofsTests", "EventModelTests",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "IdentityResolutionTests",
      dependencies: ["IdentityResolution", "EventModel", "HybridTime"], swiftSettings: strict),
    .testTarget(
      name: "SyntheticWorkloadTests",
      dependencies: ["SyntheticWorkload", "EventModel", "HybridTime"], swiftSettings: strict),
    .testTarget(
      name: "SyncProtocolTests",
      dependencies: [
        "SyncProtocol", "EventModel", "HybridTime", "MerkleProofs", "BinaryCoding",
        "SyntheticWorkload",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SyncTransportTests",
      dependencies: [
        "SyncTransport", "SyncProtocol", "WireMessages", "HybridTime", "EventModel", "MerkleProofs",
        "BinaryCoding", "SyntheticWorkload", protobuf,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EventStorageTests",
      dependencies: [
        "EventStorage", "SegmentFormat", "DurableFiles", "EventModel", "HybridTime", "BookRules",
        "BinaryCoding", "MerkleProofs", "SyntheticWorkload",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProjectionEngineTests",
      dependencies: [
        "ProjectionEngine", "EventStorage", "DurableFiles", "MerkleProofs", "EventModel",
        "BookRules", "HybridTime", "SyntheticWorkload", "MerkleProofsTests", grdb,
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "CustomerProfilesTests",
      dependencies: [
        "BinaryCoding", "CustomerProfiles", "IdentityResolution", "ProjectionEngine",
        "EventStorage",
        "DurableFiles", "EventModel", "BookRules", "HybridTime", "SyntheticWorkload",
        grdb,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "InteractionLogTests",
      dependencies: [
        "InteractionLog", "EventStorage", "SyncProtocol", "SyncTransport", "DurableFiles",
        "EventModel", "BookRules", "HybridTime", "MerkleProofs", "SyntheticWorkload",
        "CustomerProfiles", "ProjectionEngine", "ZstdCompression", "MerkleProofsTests",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ImportFilesTests",
      dependencies: [
        "ImportFiles", "ChannelAdapters", "EventModel", "InteractionLog", "SyntheticWorkload",
      ],
      swiftSettings: strict),

    // Every decoder of the targets above, and bytes that are made to break it.
    .testTarget(
      name: "HostileBytesTests",
      dependencies: [
        "BinaryCoding", "DurableFiles", "HybridTime", "MerkleProofs", "ZstdCompression",
        "EventModel",
        "ChannelAdapters", "SegmentFormat", "ColumnFormat", "SyncProtocol", "BookRules",
        "SyntheticWorkload", "EventStorage", "SyncTransport", "InteractionLog", "ImportFiles",
      ],
      exclude: ["FailCases"], swiftSettings: strict),
    .testTarget(
      name: "daybookTests", dependencies: ["daybook"], exclude: ["Snapshots"],
      swiftSettings: strict),
  ]
)
