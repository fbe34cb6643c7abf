import DurableFiles
import EventStorage
import Testing

@Suite("Inspection")
struct InspectionTests {
  @Test(
    "Every file of a store is known by its first bytes and described without problems",
    arguments: [
      ("MANIFEST", FileDescription.Kind.manifest), ("log/000001.seg", .segment),
      ("log/wal-000002", .writeAheadLog), ("log/trees", .trees), ("log/heads", .heads),
    ])
  func kinds(file: String, kind: FileDescription.Kind) throws {
    let (store, _) = try DamageTests.makeStore()
    let found = try inspect(file: "/store/" + file, fileSystem: store.disk)
    #expect(found.kind == kind)
    #expect(found.problems == [])
    #expect(!found.lines.isEmpty)
  }

  @Test(
    "A damaged file is described as far as it goes, wherever the damage lies",
    arguments: ["MANIFEST", "log/000001.seg", "log/wal-000002", "log/trees", "log/heads"])
  func damaged(file: String) throws {
    let (store, _) = try DamageTests.makeStore()
    let path = "/store/" + file
    let count = try store.disk.readFile(path, byteCountMax: 1 << 20).count
    for offset in stride(from: 0, to: count, by: 7) {
      store.disk.flipBits(of: path, at: offset, mask: 0x20)
      let found = try inspect(file: path, fileSystem: store.disk)
      #expect(!found.lines.isEmpty || !found.problems.isEmpty)
      store.disk.flipBits(of: path, at: offset, mask: 0x20)
    }
  }

  @Test(
    "A segment of columns is described without problems, stream by stream when that is asked for")
  func columns() throws {
    let (store, _) = try DamageTests.makeStore()
    let log = try store.open()
    _ = try log.compact(all: true)
    try log.close()
    let path = "/store/log/000003.seg"
    let parts = try inspect(file: path, fileSystem: store.disk)
    #expect(parts.problems == [])
    let streams = try inspect(file: path, detail: .streams, fileSystem: store.disk)
    #expect(streams.problems == [])
    #expect(streams.lines.starts(with: parts.lines))
    #expect(streams.lines.contains { $0.value.contains("rows stored as they are") })
    // Every byte of blocks and tables is one of a stream or of what leads to it.
    let numbers = streams.lines.dropFirst(parts.lines.count).map { line in
      line.value.split { !$0.isNumber }.compactMap { Int($0) }
    }
    let counted = numbers.dropLast().map { $0[0] + $0[1] }.reduce(numbers.last?[0] ?? 0, +)
    let held = parts.lines.filter { $0.name.hasPrefix("block") || $0.name.hasPrefix("table") }
      .map { line in
        let numbers = line.value.split { !$0.isNumber }.compactMap { Int($0) }
        return line.name.hasPrefix("block") ? numbers[1] : numbers[0]
      }
    #expect(counted == held.reduce(0, +))
    store.disk.flipBits(of: path, at: 60, mask: 1)
    #expect(try inspect(file: path, fileSystem: store.disk).problems.count == 1)
  }

  @Test("What is no file of a store is called unknown")
  func unknown() throws {
    let disk = MemoryFileSystem()
    try disk.replaceFile("/text", with: [UInt8]("hello".utf8))
    let found = try inspect(file: "/text", fileSystem: disk)
    #expect(found.kind == .unknown)
    #expect(found.problems.count == 1)
  }
}
