import Foundation

#if os(Linux)
  import Glibc
#endif

/// An input in `FailCases/ENTRY/NAME`: one that broke a decoder, or one of a class that does not have to.
struct FailCase {
  let entry: String
  let name: String
  let bytes: [UInt8]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("FailCases")

  static func write(_ bytes: [UInt8], _ entry: String, _ name: String) throws {
    let directory = folder.appendingPathComponent(entry)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data(bytes).write(to: directory.appendingPathComponent(name))
  }

  /// All of them, by entry and name.
  static func all() throws -> [FailCase] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().compactMap { path in
      let parts = path.split(separator: "/")
      guard parts.count == 2 else { return nil }
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
      return FailCase(entry: String(parts[0]), name: String(parts[1]), bytes: bytes)
    }
  }
}

#if os(Linux)
  /// Lets this process take so many more bytes of address space than it has, and run for so long.
  func limitThisProcess(addedBytes: UInt64, seconds: UInt64) throws {
    let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = UInt64(status.split(separator: " ").first ?? "") ?? 0
    let bytes = pages * UInt64(sysconf(Int32(_SC_PAGESIZE))) + addedBytes
    try limit(Int32(RLIMIT_AS.rawValue), to: bytes)
    try limit(Int32(RLIMIT_CPU.rawValue), to: seconds)
  }

  private func limit(_ resource: Int32, to value: UInt64) throws {
    var limits = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    // The call reads the one structure that it is given.
    guard unsafe setrlimit(resource, &limits) == 0 else { throw POSIXError(.EINVAL) }
  }
#endif
