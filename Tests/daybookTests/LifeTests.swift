internal import Foundation
internal import Testing

@Suite("The life of a store")
struct LifeTests {
  private func grow(_ scratch: Scratch, seed: Int) throws {
    let generated = try DaybookProcess.run(
      ["generate", "--events", "400", "--seed", "\(seed)", "--customers", "20"])
    let input = try scratch.write("events-\(seed).ndjson", generated.output)
    let outcome = try scratch.daybook("import", input.path, "--format", "cloudevents")
    #expect(outcome.status == 0)
  }

  @Test("A store is backed up twice, restored, and answers alike")
  func backups() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try grow(scratch, seed: 1)
    let target = scratch.path("backups")
    let first = try scratch.daybook("backup", target, "--json")
    #expect(first.status == 0)
    #expect(try first.document()["events"] as? Int == 400)
    try grow(scratch, seed: 2)
    let second = try scratch.daybook("backup", target, "--keep", "1", "--check", "--json")
    #expect(try second.document()["pruned"] as? Int == 1)
    #expect(try second.document()["copied_files"] as? Int == 3)
    let restored = try DaybookProcess.run(
      ["restore", target, scratch.path("again"), "--json", "--label", "again"])
    #expect(restored.status == 0, "\(restored.errors)")
    let document = try restored.document()
    #expect(document["events"] as? Int == 800)
    #expect(document["label"] as? String == "again")
    #expect(document["new_device"] as? Bool == true)
    #expect(document["granted"] as? Bool == false)
    #expect(
      try scratch.daybook("digest", "--json").output
        == scratch.daybook("digest", "--json", store: "again").output)
    #expect(try scratch.daybook("verify", store: "again").status == 0)
    let again = try DaybookProcess.run(["restore", target, scratch.path("again"), "--json"])
    #expect(again.status == 2)
    #expect(try again.error()["code"] as? String == "store_exists")
    let nothing = try DaybookProcess.run(
      ["restore", scratch.path("again"), scratch.path("third"), "--json"])
    #expect(nothing.status == 2)
    #expect(try nothing.error()["code"] as? String == "no_backup")
  }

  @Test("A damaged backup is refused with exit 4")
  func damagedBackup() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try grow(scratch, seed: 1)
    let target = scratch.path("backups")
    #expect(try scratch.daybook("backup", target).status == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: target + "/files")
    for name in files {
      let file = URL(fileURLWithPath: "\(target)/files/\(name)")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: file)
    }
    let outcome = try DaybookProcess.run(["restore", target, scratch.path("again"), "--json"])
    #expect(outcome.status == 4)
    #expect(try outcome.error()["code"] as? String == "backup_damaged")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("again")))
  }

  @Test("A damaged store is repaired, says what it lost, and a sync brings it back")
  func repairing() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try grow(scratch, seed: 1)
    #expect(try scratch.daybook("compact", "--all").status == 0)
    #expect(
      try scratch.daybook("init", "--join", scratch.path("store"), store: "other").status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path("store/log"))
    let name = try #require(names.first { $0.hasSuffix(".seg") })
    let file = URL(fileURLWithPath: scratch.path("store/log/\(name)"))
    var bytes = try Data(contentsOf: file)
    bytes[200] ^= 1
    try bytes.write(to: file)
    #expect(try scratch.daybook("verify").status == 4)
    let planned = try scratch.daybook("repair", "--dry-run", "--json")
    #expect(planned.status == 4)
    #expect(try planned.document()["dry_run"] as? Bool == true)
    let repaired = try scratch.daybook("repair", "--json")
    #expect(repaired.status == 0, "\(repaired.output)")
    let document = try repaired.document()
    #expect((document["lost_events"] as? [Any])?.isEmpty == false)
    #expect((document["kept_files"] as? [String])?.count == 1)
    #expect(document["new_incarnation"] as? Bool == true)
    #expect(try scratch.daybook("verify").status == 0)
    let synced = try scratch.daybook("sync", scratch.path("other"), "--json")
    #expect(try synced.document()["in_sync"] as? Bool == true)
    #expect(
      try scratch.daybook("digest", "--json").output
        == scratch.daybook("digest", "--json", store: "other").output)
    #expect(try scratch.daybook("replay", "--compare").status == 0)
    #expect(try scratch.daybook("repair", "--json").document()["sound"] as? Bool == true)
  }

  @Test(
    "A row of the read models that changed is named by verify; without the file all is as before")
  func changedAnswers() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try grow(scratch, seed: 1)
    let digest = try scratch.daybook("digest", "--json").output
    #expect(try scratch.daybook("verify").lines.last == "Everything is sound.")
    let file = URL(fileURLWithPath: scratch.path("store/views.sqlite"))
    var bytes = try Data(contentsOf: file)
    // Some identifier of a customer, which no index of SQLite's has by this name.
    let place = try #require(bytes.range(of: Data("email:".utf8), options: .backwards))
    bytes[place.upperBound] ^= 1
    try bytes.write(to: file)
    let outcome = try scratch.daybook("verify", "--json")
    #expect(outcome.status == 4)
    let views = try #require(try outcome.document()["views"] as? [String: Any])
    #expect(views["sound"] as? Bool == false)
    #expect(try scratch.daybook("verify").output.contains("views.sqlite: "))
    try FileManager.default.removeItem(at: file)
    #expect(try scratch.daybook("verify").status == 0)
    #expect(try scratch.daybook("digest", "--json").output == digest)
  }

  @Test("A store of this version needs no upgrade")
  func upgrading() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let outcome = try scratch.daybook("upgrade", "--json")
    #expect(outcome.status == 0)
    #expect(try outcome.document()["upgraded"] as? Bool == false)
    #expect(try scratch.daybook("upgrade", store: "nowhere").status == 2)
  }
}
