import DurableFiles
import Testing

@Suite("Every file system keeps the contract", .serialized)
struct FileSystemContractTests {
  @Test("A file reads back what was written, wherever", arguments: DiskKind.allCases)
  func readsBack(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      let file = try system.open(root + "/a", for: .creating)
      try file.write("hello")
      try file.write("world", at: 7)
      #expect(try file.byteCount() == 12)
      #expect(try file.text() == "hello\0\0world")
      #expect(try file.read(count: 3, at: 10) == [UInt8]("ld".utf8))
      #expect(try file.read(count: 3, at: 12).isEmpty)
      #expect(try file.read(count: 3, at: .max).isEmpty)
    }
  }

  @Test("Modes decide whether a file must exist", arguments: DiskKind.allCases)
  func modes(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      #expect { try system.open(root + "/a", for: .reading) } throws: {
        ($0 as? FileFault)?.isNotFound == true
      }
      #expect { try system.open(root + "/a", for: .updating) } throws: {
        ($0 as? FileFault)?.isNotFound == true
      }
      try system.open(root + "/a", for: .creating).write("old")
      #expect { try system.open(root + "/a", for: .creating) } throws: {
        ($0 as? FileFault)?.isAlreadyThere == true
      }
      #expect(try system.open(root + "/a", for: .updating).text() == "old")
      #expect(try system.open(root + "/a", for: .replacing).text() == "")
      #expect { try system.open(root + "/no/a", for: .creating) } throws: {
        ($0 as? FileFault)?.isNotFound == true
      }
    }
  }

  @Test("Cutting and extending change the length", arguments: DiskKind.allCases)
  func truncates(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      let file = try system.open(root + "/a", for: .creating)
      try file.write("hello")
      try file.truncate(to: 2)
      #expect(try file.text() == "he")
      try file.truncate(to: 4)
      #expect(try file.text() == "he\0\0")
      try file.syncData()
    }
  }

  @Test("Names are listed in byte order", arguments: DiskKind.allCases)
  func lists(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      try system.makeDirectory(root + "/d")
      try system.makeDirectory(root + "/d")
      try system.makeDirectory(root + "/d/inner")
      for name in ["b", "a", "é", "B"] { _ = try system.open(root + "/d/" + name, for: .creating) }
      #expect(try system.list(root + "/d") == ["B", "a", "b", "inner", "é"])
      #expect(try system.exists(root + "/d/inner"))
      #expect(try system.exists(root + "/d/none") == false)
      #expect(try system.exists(root + "/d/a/none") == false)
      try system.syncDirectory(root + "/d")
      #expect(throws: FileFault.self) { try system.list(root + "/none") }
      #expect(throws: FileFault.self) { try system.makeDirectory(root + "/none/d") }
      #expect(throws: FileFault.self) { try system.syncDirectory(root + "/none") }
    }
  }

  @Test("A renamed file replaces the one that had the name", arguments: DiskKind.allCases)
  func renames(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      try system.open(root + "/a", for: .creating).write("new")
      try system.open(root + "/b", for: .creating).write("old")
      try system.rename(root + "/a", to: root + "/b")
      #expect(try system.text(root + "/b") == "new")
      #expect(try system.text(root + "/a") == nil)
      #expect(throws: FileFault.self) { try system.rename(root + "/a", to: root + "/b") }
    }
  }

  @Test("A removed file can still be read by whoever has it open", arguments: DiskKind.allCases)
  func removes(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      let file = try system.open(root + "/a", for: .creating)
      try file.write("kept")
      try system.remove(root + "/a")
      #expect(try system.exists(root + "/a") == false)
      #expect(try file.text() == "kept")
      #expect(throws: FileFault.self) { try system.remove(root + "/a") }
    }
  }

  @Test("A lock is exclusive until its last reference goes", arguments: DiskKind.allCases)
  func locks(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      var lock: (any FileLock)? = try system.lock(root + "/lock")
      #expect { try system.lock(root + "/lock") } throws: {
        ($0 as? FileFault)?.isLockedElsewhere == true
      }
      #expect(lock != nil)
      lock = nil
      lock = try system.lock(root + "/lock")
    }
  }

  @Test("A small file is replaced whole", arguments: DiskKind.allCases)
  func replaces(_ kind: DiskKind) throws {
    try kind.withDirectory { system, root in
      try system.replaceFile(root + "/a", with: [UInt8]("a longer beginning".utf8))
      try system.replaceFile(root + "/a", with: [UInt8]("short".utf8))
      #expect(try system.text(root + "/a") == "short")
      #expect(try system.list(root.isEmpty ? "/" : root) == ["a"])
      #expect(try system.readFile(root + "/a", byteCountMax: 2) == [UInt8]("sh".utf8))
    }
  }

  @Test("A fault names the place and the remedy")
  func describesFaults() throws {
    try DiskKind.posix.withDirectory { system, root in
      let fault = try #require(throws: FileFault.self) {
        try system.open(root + "/a", for: .reading)
      }
      #expect(
        fault.description
          == "cannot open \(root)/a: no such file or directory; check the path")
    }
  }

  @Test(
    "The parent of a path is what comes before its last part",
    arguments: [("a/b/c", "a/b"), ("/a", "/"), ("a", "."), ("/a/b", "/a")])
  func parents(_ path: String, _ parent: String) {
    #expect(parentDirectory(of: path) == parent)
  }
}
