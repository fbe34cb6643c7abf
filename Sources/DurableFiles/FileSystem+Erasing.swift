// Content that must not be found again, not even in blocks that no file has any more. What is
// overwritten in place is gone from disks that write in place; what copies do below, on a copying file
// system or in a drive, is beyond a program's reach.

extension DurableFile {
  /// Overwrites the file with zeros to its end and makes them durable. Idempotent.
  ///
  /// - Throws: ``FileFault``; some of it may then be there still.
  package func overwrite() throws(FileFault) {
    let end = try byteCount()
    let zeros = [UInt8](repeating: 0, count: Int(min(end, 1 << 20)))
    var offset: UInt64 = 0
    while offset < end {
      let count = Int(min(UInt64(zeros.count), end - offset))
      try write(zeros.span.extracting(0..<count), at: offset)
      offset += UInt64(count)
    }
    try syncData()
  }
}

extension FileSystem {
  /// Overwrites a file with zeros, durably, and then removes its name; nobody may be reading it.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``FileFault``; the name is there still, unless it was missing from the beginning.
  package func eraseFile(_ path: String) throws(FileFault) {
    try open(path, for: .updating).overwrite()
    try remove(path)
  }

  /// Replaces the content of a small file like ``replaceFile(_:with:)``, and overwrites the old one.
  ///
  /// Between two renames the file is missing: whoever cannot do without it keeps a copy, or calls
  /// ``settleSubstitution(of:)`` before it looks.
  ///
  /// - Parameters:
  ///   - path: The file to replace or make.
  ///   - bytes: Its new content.
  /// - Throws: ``FileFault``; the old content, or a part of it, may lie in `path.old` then.
  package func replaceFileErasing(_ path: String, with bytes: [UInt8]) throws(FileFault) {
    let fresh = path + ".new"
    let file = try open(fresh, for: .replacing)
    // Its name first: a crash must not free bytes that nothing leads to.
    try syncDirectory(parentDirectory(of: path))
    try file.write(bytes.span, at: 0)
    try file.syncData()
    try substitute(fresh, for: path)
    try settleSubstitution(of: path)
  }

  /// Gives a file the name of another, which lies in `path.old` until ``settleSubstitution(of:)``
  /// erases it. Durable on return.
  ///
  /// - Parameters:
  ///   - fresh: The present name of the file, whose bytes are durable.
  ///   - path: The name that it gets, in the same directory.
  /// - Throws: ``FileFault``; ``settleSubstitution(of:)`` finds the one file or the other.
  package func substitute(_ fresh: String, for path: String) throws(FileFault) {
    try settleSubstitution(of: path)
    if try exists(path) {
      try rename(path, to: path + ".old")
      // Before the next name: a crash that kept only that one would free the old bytes as they are.
      try syncDirectory(parentDirectory(of: path))
    }
    try rename(fresh, to: path)
    try syncDirectory(parentDirectory(of: path))
  }

  /// Ends a substitution, whether or not it was cut short: erases the old file if there is a new one,
  /// else gives the old one its name again.
  ///
  /// - Parameter path: The name that was to be given to another file.
  /// - Throws: ``FileFault``; it can be repeated.
  package func settleSubstitution(of path: String) throws(FileFault) {
    let old = path + ".old"
    guard try exists(old) else { return }
    guard try exists(path) else { return try rename(old, to: path) }
    try eraseFile(old)
  }
}
