import DurableFiles
import EventModel
import EventStorage
import HybridTime
import Testing

@Suite("Backups and restores survive what disks do")
struct BackupCrashTests {
  /// What is done, in order: two generations, the second one keeping only itself, and a restore.
  private static let steps = 4

  private static func run(_ step: Int, _ log: EventLog, _ disk: MemoryFileSystem) throws {
    switch step {
    case 0: _ = try BackupTests.save(log, disk)
    case 1: try BackupTests.grow(log, seed: 61)
    case 2:
      var options = BackupOptions()
      options.keptGenerationCount = 1
      _ = try BackupTests.save(log, disk, options: options)
    default: _ = try BackupTests.restore(disk).close()
    }
  }

  /// The calls before and after the steps.
  private static let calls: Range<Int> = {
    guard let (store, log) = try? BackupTests.makeLog() else { return 0..<0 }
    let start = store.disk.callCount
    for step in 0..<steps { try? run(step, log, store.disk) }
    return start..<store.disk.callCount
  }()

  @Test("The workload makes calls enough to be worth stopping")
  func workloadIsReal() {
    #expect(Self.calls.count > 200)
  }

  @Test(
    "Power lost at any call leaves whole generations and no half store, and it can be done again",
    arguments: 0..<4)
  func powerLoss(slice: Int) throws {
    for call in stride(from: Self.calls.lowerBound + slice, to: Self.calls.upperBound, by: 4) {
      for survival in 0..<3 { try checkPowerLoss(atCall: call + 1, survival) }
    }
  }

  private func checkPowerLoss(atCall call: Int, _ survival: Int) throws {
    let (store, first) = try BackupTests.makeLog()
    var done = -1
    do {
      let log = first
      store.disk.inject(.stop(atCall: call))
      for step in 0..<Self.steps {
        guard (try? Self.run(step, log, store.disk)) != nil else { break }
        done = step
      }
    }
    switch survival {
    case 0: store.disk.crash(.nothing)
    case 1: store.disk.crash(.everything)
    default: store.disk.crash(.someOf(seed: UInt64(call)))
    }
    let log = try store.open()
    let held = try BackupTests.events(log)
    #expect(held.count == (done >= 1 ? 62 : held.count))
    if try store.disk.exists("/restored/MANIFEST") {
      let restored = try BackupTests.openRestored(store.disk)
      #expect(try BackupTests.events(restored) == held, "stopped at call \(call)")
      try restored.close()
      #expect(try verify(directory: "/restored", fileSystem: store.disk).isSound)
    }
    if done >= 0 { try checkGenerations(store, held, "stopped at call \(call)") }
    // The same run again ends what was cut short.
    let report = try BackupTests.save(log, store.disk)
    #expect(report.events == held.count)
    try checkGenerations(store, held, "after call \(call)")
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
  }

  /// The newest generation holds what the log held when a run last ended, or began.
  private func checkGenerations(_ store: TestStore, _ held: [Event], _ comment: Comment) throws {
    let restored = try StoreRestore(
      from: BackupTarget(at: "/backup", fileSystem: store.disk),
      StoreRestore.Request(
        directory: "/checked-\(store.disk.callCount)", origin: BackupTests.restored.origin))
    let log = try restored.openLog(
      device: BackupTests.restored.device, makeSeed: TestStore.makeSeed)
    let events = try BackupTests.events(log)
    #expect(events.elementsEqual(held.prefix(events.count)), comment)
    #expect(events.count == 31 || events.count == held.count, comment)
  }

  @Test("A call that fails once leaves whole generations, and the run can be repeated")
  func oneFailure() throws {
    for call in Self.calls {
      let (store, log) = try BackupTests.makeLog()
      store.disk.inject(
        call % 2 == 0 ? .inputOutputError(atCall: call + 1) : .diskFull(atCall: call + 1))
      var current = log
      for step in 0..<Self.steps where (try? Self.run(step, current, store.disk)) == nil {
        if step == Self.steps - 1 { break }
        store.disk.crash(.everything)
        current = try store.open()
        try Self.run(step, current, store.disk)
      }
      let held = try BackupTests.events(current)
      // What was appended before the failure and has no key is appended again.
      #expect(held.count >= 62, "failed call \(call)")
      try checkGenerations(store, held, "failed call \(call)")
    }
  }
}

@Suite("Damage of a backup is found")
struct BackupDamageTests {
  /// A backup of a small log, and what it holds.
  private static func makeBackup() throws -> (MemoryFileSystem, [Event]) {
    let (store, log) = try BackupTests.makeLog()
    var erased = ErasureLedger()
    erased.add(
      section: 1, of: Dot(origin: store.identity.origin, sequence: 3), commitment: nil)
    _ = try BackupTests.save(log, store.disk, erased: erased)
    let held = try BackupTests.events(log)
    try log.close()
    return (store.disk, held)
  }

  private static func files(_ disk: MemoryFileSystem) throws -> [String] {
    try ["", "/files", "/secrets"].flatMap { directory in
      try disk.list("/backup" + directory).map { "/backup\(directory)/\($0)" }
    }.filter { !["/backup/LOCK", "/backup/files", "/backup/secrets"].contains($0) }
  }

  @Test("A flipped bit of any file is refused, or the other copy counts; a missing file likewise")
  func flippedBits() throws {
    let (disk, held) = try Self.makeBackup()
    let files = try Self.files(disk)
    #expect(files.count == 10)
    for path in files {
      let count = try disk.readFile(path, byteCountMax: 1 << 20).count
      let hasCopy = ["ledger", "salts"].contains { path.contains("/\($0)") }
      for offset in stride(from: 0, to: count, by: count > 400 ? 23 : 3) {
        disk.flipBits(of: path, at: offset, mask: 1 << (offset % 8))
        let copy = disk.copy(machine: "other")
        if hasCopy {
          #expect(try BackupTests.events(BackupTests.restore(copy)) == held)
        } else {
          #expect(throws: BackupFault.self, "\(path), byte \(offset)") {
            try BackupTests.restore(copy)
          }
          #expect(try !copy.exists("/restored"))
        }
        disk.flipBits(of: path, at: offset, mask: 1 << (offset % 8))
      }
      let copy = disk.copy(machine: "other")
      try copy.remove(path)
      guard !hasCopy, !path.hasSuffix("secrets/book") else { continue }
      #expect(throws: BackupFault.self, "\(path) is missing") { try BackupTests.restore(copy) }
    }
  }

  @Test("A file in the place of another is refused, and so is an older state of the salts")
  func exchanged() throws {
    let (disk, _) = try Self.makeBackup()
    let files = try Self.files(disk).filter { $0.hasPrefix("/backup/files/") }
    for path in files {
      for other in files where other != path {
        let copy = disk.copy(machine: "other")
        try copy.replaceFile(path, with: disk.readFile(other, byteCountMax: 1 << 20))
        #expect(throws: BackupFault.self) { try BackupTests.restore(copy) }
      }
    }
    let old = try disk.readFile("/backup/secrets/salts", byteCountMax: 1 << 20)
    let log = try EventLog.open(
      at: "/store", fileSystem: disk, options: TestStore.options, makeSeed: TestStore.makeSeed)
    _ = try BackupTests.save(log, disk)
    for name in ["salts", "salts.bak"] {
      try disk.replaceFile("/backup/secrets/" + name, with: old)
    }
    #expect(throws: BackupFault.self) { try BackupTests.restore(disk) }
  }

  @Test("A run that checks copies again what is damaged in the backup")
  func checking() throws {
    let (disk, held) = try Self.makeBackup()
    for path in try Self.files(disk) where path.hasPrefix("/backup/files/") {
      disk.flipBits(of: path, at: 60, mask: 4)
    }
    var options = BackupOptions()
    options.isChecked = true
    let log = try EventLog.open(
      at: "/store", fileSystem: disk, options: TestStore.options, makeSeed: TestStore.makeSeed)
    let report = try BackupTests.save(log, disk, options: options)
    #expect(report.copiedFiles == report.files)
    try log.close()
    #expect(try BackupTests.events(BackupTests.restore(disk)) == held)
  }
}
