internal import ArgumentParser
internal import ChannelAdapters
internal import EventModel
internal import EventStorage
internal import Foundation
internal import ImportFiles
internal import InteractionLog
internal import ProjectionEngine

/// What `doctor` looks at.
struct Diagnosis {
  /// One thing looked at.
  struct Check {
    let name: String
    let isFine: Bool
    /// What was found and, when it is not fine, what to do.
    let detail: String
    /// What deserves a look although nothing failed.
    var warnings: [CountedField] = []

    /// `{"name","ok","detail","warnings"}`.
    var value: Value {
      .object([
        Value.Field("name", .text(name)), Value.Field("ok", .boolean(isFine)),
        Value.Field("detail", .text(detail)),
        Value.Field("warnings", .array(warnings.map(\.value))),
      ])
    }
  }

  /// Below this much free room the disk is called full: 100 MB.
  private static let freeByteCountMin: Int64 = 100_000_000

  /// How many events are looked at for facts that look personal.
  private static let sampleCountMax: UInt64 = 10_000

  /// The store's directory, whether or not there is a store.
  let directory: String

  /// Everything, in order.
  var checks: [Check] {
    [
      Check(name: "daybook", isFine: true, detail: Daybook.configuration.version),
      Check(name: "system", isFine: true, detail: system),
    ] + libraries + [database, room] + storeChecks
  }

  private var system: String {
    let process = ProcessInfo.processInfo
    return "\(process.operatingSystemVersionString), "
      + Amounts.count(process.activeProcessorCount, "core")
  }

  private var libraries: [Check] {
    LibraryVersion.all.map { library in
      Check(
        name: library.name, isFine: library.isSupported,
        detail: library.isSupported
          ? library.version : "\(library.version); install \(library.required) or newer")
    }
  }

  private var database: Check {
    let version = try? ReadModels.sqliteVersion()
    return Check(
      name: "sqlite", isFine: version != nil, detail: version ?? "install libsqlite3-0 anew")
  }

  private var room: Check {
    let manager = FileManager.default
    var path = directory
    while !manager.fileExists(atPath: path), path.contains("/") {
      path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
    let attributes = try? manager.attributesOfFileSystem(forPath: path.isEmpty ? "/" : path)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else {
      return Check(name: "room", isFine: true, detail: "unknown")
    }
    let isFine = free >= Self.freeByteCountMin
    return Check(
      name: "room", isFine: isFine,
      detail: Amounts.bytes(free) + " free" + (isFine ? "" : "; free some space on this disk"))
  }

  private var storeChecks: [Check] {
    do {
      let replica = try ReplicaCore.open(at: directory, environment: .thisMachine)
      defer { try? replica.close() }
      return try checks(of: replica)
    } catch let error as ReplicaError where error.code == .noStore {
      return [
        Check(
          name: "store", isFine: true,
          detail: "none at \(directory); make one with 'daybook init --store \(directory)'")
      ]
    } catch {
      return [Check(name: "store", isFine: false, detail: CommandError(error).message)]
    }
  }

  private func checks(of replica: ReplicaCore) throws -> [Check] {
    let identity = replica.identity
    let highest = replica.snapshot().highWaterMark.rawValue
    return [
      Check(
        name: "store", isFine: true,
        detail: "\(directory), replica \(identity.label) of book \(identity.book)"),
      Check(name: "log", isFine: true, detail: Amounts.count(highest, "event")),
      Check(
        name: "recovery", isFine: true,
        detail: replica.recovery.remarks.isEmpty
          ? "closed cleanly" : replica.recovery.remarks.joined(separator: " ")),
      try erasure(in: replica),
      try facts(of: replica.snapshot(), try replica.catalogue()),
    ]
  }

  /// Whether what was erased has left the disk.
  private func erasure(in replica: ReplicaCore) throws -> Check {
    let count = try replica.erasedSectionCountLeft()
    return Check(
      name: "erasure", isFine: true,
      detail: count == 0
        ? "nothing that was erased is on this disk"
        : "\(Amounts.count(count, "erased section")) on this disk; run 'daybook compact'")
  }

  /// Whether facts, which stay when a person is erased, look like they name one.
  private func facts(of snapshot: LogSnapshot, _ catalogue: EventCatalogue) throws -> Check {
    let count = snapshot.highWaterMark.rawValue
    var sample = FactSample()
    for positions in FactSample.positions(of: count, max: Self.sampleCountMax) {
      try snapshot.forEachEvent(
        from: LogPosition(rawValue: positions.lowerBound),
        through: LogPosition(rawValue: positions.upperBound - 1)
      ) { _, event in
        sample.add(event.facts, of: event.type, catalogue: catalogue)
        return true
      }
    }
    let warnings = sample.sorted.map { CountedField(field: $0.fact, count: $0.count) }
    let finding = warnings.isEmpty ? "no fact looks personal" : "some facts look personal"
    return Check(
      name: "facts", isFine: true,
      detail: "\(finding) in \(Amounts.count(sample.eventCount)) of "
        + Amounts.count(count, "event"), warnings: warnings)
  }
}
