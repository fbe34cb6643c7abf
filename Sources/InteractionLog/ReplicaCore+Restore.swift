internal import DurableFiles
internal import EventModel
package import EventStorage
internal import HybridTime

/// What a restore shall make.
package struct RestoreRequest: Sendable {
  /// Where the store shall lie: missing or empty; its parent must exist.
  package let directory: String
  /// What people will call the replica; the name of the one that was saved if nothing is said.
  package var label: String?
  /// The directory with the keys of the replica that was saved; a new device's if nothing is said.
  package var keys: String?
  /// Which generation to take; the newest one if nothing is said.
  package var generation: UInt64?
  /// Whether to go on without an erasure ledger, although who was erased may come back.
  package var goesWithoutLedger = false

  /// A request for the newest generation, as a new device.
  package init(directory: String) { self.directory = directory }
}

/// What a restore made.
package struct RestoreReport: Equatable, Sendable {
  /// Whose log it is.
  package let identity: LogIdentity
  /// The generation that it comes from.
  package let generation: UInt64
  /// When that was made, in milliseconds since 1970.
  package let madeMilliseconds: Int64
  /// How many events the log holds.
  package let events: Int
  /// How many sections the ledger had removed.
  package let erasedSections: Int
  /// Whether the device is a new one, which somebody has to grant its roles.
  package let isNewDevice: Bool
  /// Whether the store has the book's secret, without which it can erase nobody.
  package let hasBookSecret: Bool
}

extension ReplicaCore {
  /// Makes another replica of the book from a backup.
  ///
  /// Everything is read and checked before anything is made, and what the ledger says is erased is
  /// removed before the directory is a store. The replica appends under an origin of its own: what was
  /// written after the backup comes back with the next sync.
  ///
  /// - Parameters:
  ///   - target: The directory with the backup.
  ///   - request: What to make of it.
  ///   - environment: The world.
  /// - Returns: What was made.
  /// - Throws: ``ReplicaError``; then no store is there, whatever else the directory holds.
  /// - Complexity: Reads the backup twice and writes it once.
  package static func restore(
    from target: String, _ request: RestoreRequest, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> RestoreReport {
    let device = try device(from: request.keys, environment)
    return try ReplicaError.translating {
      var stored = StoreRestore.Request(
        directory: request.directory,
        origin: OriginID(incarnation: environment.randomWord(), key: device.secret.key),
        label: request.label)
      stored.generation = request.generation
      stored.goesWithoutLedger = request.goesWithoutLedger
      let files = environment.fileSystem
      let restore = try StoreRestore(
        from: BackupTarget(at: target, fileSystem: files), stored)
      let bookSecret = device.bookSecret ?? restore.bookSecret
      let keys = request.directory + "/keys"
      try files.makeDirectory(keys)
      try files.replaceFile(keys + "/device", with: device.seed)
      if let bookSecret { try files.replaceFile(keys + "/book", with: bookSecret) }
      try files.syncDirectory(request.directory)
      let erased = try applyLedger(of: restore, device.secret, environment)
      try restore.finish()
      return RestoreReport(
        identity: restore.identity, generation: restore.generation,
        madeMilliseconds: restore.madeMilliseconds, events: restore.events,
        erasedSections: erased, isNewDevice: request.keys == nil,
        hasBookSecret: bookSecret != nil)
    }
  }

  /// Removes what the ledger names; returns how many sections that were.
  private static func applyLedger(
    of restore: StoreRestore, _ secret: DeviceSecret, _ environment: ReplicaEnvironment
  ) throws -> Int {
    var options = LogOptions()
    options.sealSchedule = environment.sealSchedule
    let log = try restore.openLog(
      options: options, device: secret, makeSeed: environment.makeSeed)
    let removed = try log.remove(restore.ledger?.erased ?? []).sections
    try log.close()
    return removed
  }

  /// The keys of a device: its own seed, and the book's secret if the directory has one.
  private struct RestoredDevice {
    let seed: [UInt8]
    let secret: DeviceSecret
    var bookSecret: [UInt8]?
  }

  private static func device(
    from keys: String?, _ environment: ReplicaEnvironment
  ) throws(ReplicaError) -> RestoredDevice {
    guard let keys else {
      let seed = try environment.makeDeviceKey().secret
      guard let secret = DeviceSecret(seed: seed) else {
        throw ReplicaError(.internalFault, "32 random bytes did not make a device key")
      }
      return RestoredDevice(seed: seed, secret: secret)
    }
    return try ReplicaError.translating {
      let files = environment.fileSystem
      let seed = try files.readFile(keys + "/device", byteCountMax: 33)
      guard let secret = DeviceSecret(seed: seed) else {
        throw ReplicaError(
          .badRequest,
          "this is no device key; name the directory keys of the store that was saved",
          location: keys + "/device")
      }
      var device = RestoredDevice(seed: seed, secret: secret)
      if try files.exists(keys + "/book") {
        device.bookSecret = try files.readFile(keys + "/book", byteCountMax: 33)
      }
      return device
    }
  }
}
