extension FileSystem {
  /// Replaces the content of a small file in one durable step: after a crash the file holds the
  /// old content or the new, whole.
  ///
  /// Writes `path.new`, syncs it, renames it over `path` and syncs the directory.
  ///
  /// - Parameters:
  ///   - path: The file to replace or make.
  ///   - bytes: Its new content.
  /// - Throws: ``FileFault``; the file then holds the old content or the new.
  package func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileFault) {
    let fresh = path + ".new"
    let file = try open(fresh, for: .replacing)
    try file.write(bytes.span, at: 0)
    try file.syncData()
    try rename(fresh, to: path)
    try syncDirectory(parentDirectory(of: path))
  }

  /// The whole content of a file.
  ///
  /// - Parameters:
  ///   - path: The file to read.
  ///   - byteCountMax: The most bytes to read; a longer file yields its beginning.
  /// - Returns: The bytes.
  /// - Throws: ``FileFault``.
  package func readFile(_ path: String, byteCountMax: Int) throws(FileFault) -> [UInt8] {
    let file = try open(path, for: .reading)
    let byteCount = try file.byteCount()
    return try file.read(count: Int(min(byteCount, UInt64(byteCountMax))), at: 0)
  }
}

/// The directory part of a path: `a/b` of `a/b/c`, `.` of `c`, `/` of `/c`.
///
/// - Parameter path: A path whose parts are separated by `/`.
/// - Returns: Everything before the last `/`.
package func parentDirectory(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
