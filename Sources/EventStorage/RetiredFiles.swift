internal import DurableFiles

/// A file that nothing of the log is in any more, or only what was not erased.
struct RetiredFile {
  let path: String
  /// The segment or tail by which snapshots read it: who else holds it may still read. Nothing if
  /// nobody can.
  var reader: AnyObject?

  /// Whether nobody reads it any more.
  mutating func isUnread() -> Bool { reader == nil || isKnownUniquelyReferenced(&reader) }
}

extension EventLog {
  /// Puts a file aside that the manifest names no more.
  func retire(_ path: String, readBy reader: AnyObject?) {
    retired.append(RetiredFile(path: path, reader: reader))
  }

  /// Overwrites and removes the retired files that no snapshot reads any more. The others wait for the
  /// next call; what is left when the store is closed goes when it is opened.
  ///
  /// - Throws: ``StorageError/disk(_:)``; the files are retired still.
  func eraseRetiredFiles() throws(StorageError) {
    var waiting: [RetiredFile] = []
    defer { retired += waiting }
    while var file = retired.popLast() {
      guard file.isUnread() else {
        waiting.append(file)
        continue
      }
      do throws(FileFault) {
        // An earlier call may have got as far as this.
        if try fileSystem.exists(file.path) { try fileSystem.eraseFile(file.path) }
      } catch {
        waiting.append(file)
        throw .disk(error)
      }
    }
  }

  /// Gives away the retired files that no snapshot reads any more, to be overwritten and removed.
  func takeUnreadFiles() -> [String] {
    var paths: [String] = []
    var waiting: [RetiredFile] = []
    while var file = retired.popLast() {
      if file.isUnread() { paths.append(file.path) } else { waiting.append(file) }
    }
    retired = waiting
    return paths
  }
}
