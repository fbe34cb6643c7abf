internal import DurableFiles

/// A file that nothing of the log is in any more, or only what was not erased.
struct RetiredFile {
  let path: String
  /// The segment or tail by which snapshots read it: who else holds it may still read.
  var reader: AnyObject
}

extension EventLog {
  /// Puts a file aside that the manifest names no more.
  func retire(_ path: String, readBy reader: AnyObject) {
    retired.append(RetiredFile(path: path, reader: reader))
  }

  /// Overwrites and removes the retired files that no snapshot reads any more. The others wait for the
  /// next call; what is left when the store is closed goes when it is opened.
  ///
  /// - Throws: ``StorageError/disk(_:)``; the files are retired still.
  func eraseRetiredFiles() throws(StorageError) {
    for index in retired.indices.reversed() {
      guard isKnownUniquelyReferenced(&retired[index].reader) else { continue }
      let path = retired[index].path
      try onDisk { () throws(FileFault) in
        // An earlier call may have got as far as this.
        if try fileSystem.exists(path) { try fileSystem.eraseFile(path) }
      }
      retired.remove(at: index)
    }
  }
}
