import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// A closed store that lived a while: its files as they are, and as they were earlier.
private struct Life {
  let store: TestStore
  let events: [Event]
  let root: Digest256
  /// The files of the store after each closing, by path; the last ones are those of now.
  let states: [[String: [UInt8]]]

  /// A store of a book that is named by its owner's seed. Two stores of one book differ by `incarnation`.
  init(owner seed: UInt64, incarnation: UInt64? = nil) throws {
    let own = TestStore(seed: seed)
    store =
      incarnation.map { incarnation in
        TestStore(own, incarnation: incarnation)
      } ?? own
    try store.create()
    var random = SeededGenerator(seed: 6)
    let peer = random.origin()
    var states: [[String: [UInt8]]] = []
    var log = try store.open()
    for round in 0..<4 {
      let drafts = (0..<4).map { _ in random.draft(idRange: 0..<50) }
      _ = try log.append(drafts, wallMilliseconds: Int64(round) + 1)
      let first = UInt64(3 * round)
      let foreign = random.events(of: peer, sequences: (first + 1)...(first + 3))
      _ = try log.apply(
        foreign, salts: WindowSalts.synthetic(for: foreign), wallMilliseconds: Int64(round) + 1)
      if round == 1 { try log.seal() }
      if round == 2 { _ = try log.compact(all: true) }
      if round == 3 { try log.seal() }
      let last = (0..<2).map { _ in random.draft() }
      _ = try log.append(last, wallMilliseconds: Int64(round) + 2)
      try log.close()
      states.append(store.disk.namedContents.filter { !$0.key.hasSuffix("/LOCK") })
      log = try store.open()
    }
    events = try DamageTests.readAll(log)
    root = try log.setRoot()
    try log.close()
    self.states = states
  }

  /// What became of the store when files of it were changed.
  enum Outcome: Equatable {
    /// It opens and answers as before, whether or not verification finds fault with it.
    case right
    /// It does not open or answer; verification finds out why.
    case refused
    /// It does not open or answer, and verification finds nothing.
    case unexplained
    case wrong
  }

  /// Judges a disk on which files of the store were changed.
  func outcome(on disk: MemoryFileSystem) -> Outcome {
    let isFound = (try? verify(directory: "/store", fileSystem: disk))?.isSound != true
    var changed = store
    changed.disk = disk
    do {
      let log = try changed.open()
      let found = try DamageTests.readAll(log)
      let root = try log.setRoot()
      return found == events && root == self.root ? .right : .wrong
    } catch {
      return isFound ? .refused : .unexplained
    }
  }

  /// The store with the content of one or more files replaced; nothing removes a file.
  func outcome(replacing files: [String: [UInt8]?]) throws -> Outcome {
    let disk = store.disk.copy(machine: "machine")
    for (path, content) in files {
      if let content {
        try disk.replaceFile(path, with: content)
      } else if try disk.exists(path) {
        try disk.remove(path)
      }
    }
    return outcome(on: disk)
  }
}

extension TestStore {
  /// Another store of the same book, by the same device under another incarnation.
  fileprivate init(_ other: TestStore, incarnation: UInt64) {
    self = other
    disk = MemoryFileSystem()
    identity = LogIdentity(
      founding: other.identity.founding,
      origin: OriginID(incarnation: incarnation, key: other.identity.origin.key), label: "other")
  }
}

@Suite("Files that are cut, zeroed, exchanged or old are found out, or do no harm")
struct ReplacedFileTests {
  @Test("A file cut to any length is refused, or the answers are right")
  func cut() throws {
    let life = try Life(owner: 5)
    var count = 0
    for (path, content) in life.states[3].sorted(by: { $0.key < $1.key }) {
      for length in stride(from: 0, to: content.count, by: Soak.isOn ? 1 : 7) {
        let outcome = try life.outcome(replacing: [path: Array(content[..<length])])
        #expect([.right, .refused].contains(outcome), "\(path), \(length) bytes")
        count += 1
      }
      #expect([.right, .refused].contains(try life.outcome(replacing: [path: nil])), "\(path)")
    }
    #expect(try life.outcome(replacing: [:]) == .right)
    print("counted: cut files: \(count)")
  }

  @Test("A file with zeros in it is refused, or the answers are right")
  func zeroed() throws {
    let life = try Life(owner: 5)
    var count = 0
    for (path, content) in life.states[3].sorted(by: { $0.key < $1.key }) {
      for width in [16, 512, content.count] {
        for start in stride(from: 0, to: content.count, by: Soak.isOn ? max(1, width / 16) : width)
        {
          let end = min(content.count, start + width)
          var zeroed = content
          for index in start..<end { zeroed[index] = 0 }
          let outcome = try life.outcome(replacing: [path: zeroed])
          #expect([.right, .refused].contains(outcome), "\(path), \(start)..<\(end)")
          count += 1
        }
      }
    }
    print("counted: zeroed files: \(count)")
  }

  @Test("A file of another store is refused, or the answers are right")
  func exchanged() throws {
    let life = try Life(owner: 5)
    let others = [try Life(owner: 5, incarnation: 77), try Life(owner: 8)]
    var count = 0
    for (path, content) in life.states[3] {
      for other in others {
        let candidates = other.states.flatMap(\.self).filter {
          $0.value != content && Self.kind(of: $0.key) == Self.kind(of: path)
        }
        for candidate in candidates {
          let outcome = try life.outcome(replacing: [path: candidate.value])
          #expect([.right, .refused].contains(outcome), "\(path) by \(candidate.key)")
          count += 1
        }
      }
    }
    #expect(count > 50)
    // Both copies at once.
    for other in others {
      for name in ["MANIFEST", "log/salts", "log/heads"] {
        let paths = ["/store/" + name, "/store/\(name).bak"]
        let outcome = try life.outcome(
          replacing: Dictionary(uniqueKeysWithValues: paths.map { ($0, other.states[3][$0]) }))
        #expect([.right, .refused].contains(outcome), "\(name) and its copy")
        count += 1
      }
    }
    print("counted: files of other stores: \(count)")
  }

  @Test("A file as it was earlier is refused, or the answers are right")
  func old() throws {
    let life = try Life(owner: 5)
    var count = 0
    for state in life.states.dropLast() {
      for (path, content) in state where life.states[3][path] != content {
        let outcome = try life.outcome(replacing: [path: content])
        #expect([.right, .refused].contains(outcome), "\(path)")
        count += 1
      }
      for name in ["MANIFEST", "log/salts", "log/heads"] {
        let paths = ["/store/" + name, "/store/\(name).bak"]
        let outcome = try life.outcome(
          replacing: Dictionary(uniqueKeysWithValues: paths.map { ($0, state[$0]) }))
        #expect([.right, .refused].contains(outcome), "\(name) and its copy")
        count += 1
      }
    }
    #expect(count > 20)
    print("counted: older files: \(count)")
  }

  private static func kind(of path: String) -> String {
    if path.hasSuffix(".seg") { return "segment" }
    if path.contains("/wal-") { return "write-ahead log" }
    return path.replacing(".bak", with: "")
  }
}
