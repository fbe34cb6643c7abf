internal import InteractionLog
struct LineAppending {
  let replica: ReplicaCore; let work: FileImport; let acknowledges: Bool; let console: Console
  var outcome = FileImport.Outcome()
  init(replica: ReplicaCore, work: FileImport, acknowledges: Bool, console: Console) { self.replica = replica; self.work = work; self.acknowledges = acknowledges; self.console = console }
  mutating func run() throws {}
}
struct LibraryVersion { var name = "", version = "", required = ""; var isSupported = true; static var all: [LibraryVersion] { [] } }
