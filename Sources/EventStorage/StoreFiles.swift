/// The names of a store's files.
struct StoreFiles: Sendable {
  /// The store's directory.
  let directory: String
  /// Whether the store is on its way from a backup: then its manifest has another name, so that
  /// nothing else opens it.
  var isRestoring = false

  var log: String { directory + "/log" }
  var lock: String { directory + "/LOCK" }
  var manifest: String { directory + (isRestoring ? "/RESTORING" : "/MANIFEST") }
  var manifestCopy: String { manifest + ".bak" }
  /// Where a repair keeps damaged files.
  var damaged: String { directory + "/damaged" }
  var trees: String { log + "/trees" }
  var salts: String { log + "/salts" }
  var heads: String { log + "/heads" }
  var headsCopy: String { log + "/heads.bak" }
  var saltsCopy: String { log + "/salts.bak" }

  static func segmentName(_ number: UInt64) -> String { padded(number) + ".seg" }
  static func writeAheadName(_ number: UInt64) -> String { "wal-" + padded(number) }

  func segment(_ number: UInt64) -> String { log + "/" + Self.segmentName(number) }
  func writeAhead(_ number: UInt64) -> String { log + "/" + Self.writeAheadName(number) }

  /// The number in the name of a segment or write-ahead log.
  static func segmentNumber(_ name: String) -> UInt64? {
    name.hasSuffix(".seg") ? UInt64(name.dropLast(4)) : nil
  }

  static func writeAheadNumber(_ name: String) -> UInt64? {
    name.hasPrefix("wal-") ? UInt64(name.dropFirst(4)) : nil
  }

  /// A path as messages show it: from the store's directory on.
  func relative(_ path: String) -> String {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }

  static func padded(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }
}
