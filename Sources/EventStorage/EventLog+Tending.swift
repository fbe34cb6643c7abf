internal import DurableFiles

/// Compaction beside appends.
///
/// One thing at a time is under way on another thread: a segment being written in place of others, or
/// the files of those being overwritten. What it ends in is taken between two appends, at the price of
/// writing the manifest. Whatever needs the segments for itself takes a compaction back: it leaves a
/// file that nothing names, which is overwritten and removed.
extension EventLog {
  /// What is under way.
  enum Tending {
    /// A segment that is being written, if anywhere yet.
    case compacting(SegmentRewrite, BackgroundWork<SegmentRewrite.Product?>?)
    /// Files that are being overwritten; it ends with those that were not.
    case erasing(BackgroundWork<[String]>)
  }

  /// Whether something is under way.
  package var isTending: Bool { tending != nil }

  /// Takes what was finished beside appends, seals as well as compactions, and begins what is due.
  ///
  /// Appends do this too, but begin only what their own seals made due, so that a store that is open
  /// for a moment does nothing beside. Call it when a store is opened for long, and when ``workEnded``
  /// says that a thread has come to its end, so that a log without appends gets compacted.
  ///
  /// - Throws: ``StorageError`` when the manifest could not be written; then the log is poisoned.
  package func tend() throws(StorageError) {
    try requireReady()
    if sealing?.build?.isDone ?? false { try finishSealing() }
    isCompactionDue = true
    try tendSegments()
  }

  /// Takes a compaction that has ended, and begins what is due.
  func tendSegments() throws(StorageError) {
    try takeTended()
    guard tending == nil else { return }
    switch options.compactionSchedule {
    case .never: return
    case .atOnce:
      while let rewrite = nextRewrite() {
        try take(rewrite) { () throws(StorageError) in try rewrite.run() }
      }
      try? eraseRetiredFiles()
    case .late:
      try? eraseRetiredFiles()
      guard let rewrite = nextRewrite() else { return }
      attempt { () throws(StorageError) in try rewrite.read() }
      tending = .compacting(rewrite, nil)
    case .inBackground:
      let paths = takeUnreadFiles()
      if paths.isEmpty {
        nextRewrite().map(startCompacting)
      } else {
        startErasing(paths)
      }
    }
  }

  /// Takes what has ended, if anything; a late compaction ends here once another is due.
  private func takeTended() throws(StorageError) {
    switch tending {
    case nil: return
    case .compacting(let rewrite, nil):
      guard isCompactionDue else { return }
      tending = nil
      try take(rewrite) { () throws(StorageError) in try rewrite.write() }
    case .compacting(let rewrite, let work?):
      guard work.isDone else { return }
      tending = nil
      try take(rewrite) { () throws(StorageError) in try work.wait() }
    case .erasing(let work):
      guard work.isDone else { return }
      takeErased(work)
    }
  }

  /// Adopts what a compaction has written. One that failed has changed nothing, and is not tried again
  /// before the store is opened anew or somebody asks for it, and gets the error.
  private func take(
    _ rewrite: SegmentRewrite, _ body: () throws(StorageError) -> SegmentRewrite.Product?
  ) throws(StorageError) {
    var product: SegmentRewrite.Product?
    attempt { () throws(StorageError) in product = try body() }
    guard let product else {
      // Opening erases what stays behind.
      try? rewrite.eraseFile()
      return
    }
    try adopt(product, of: rewrite)
    isCompactionDue = true
  }

  private func attempt(_ body: () throws(StorageError) -> Void) {
    do throws(StorageError) {
      try body()
    } catch {
      compactionFault = error
    }
  }

  private func nextRewrite() -> SegmentRewrite? {
    guard isCompactionDue else { return nil }
    isCompactionDue = false
    guard compactionFault == nil else { return nil }
    return options.compaction.due(in: reader.segments).map { makeRewrite(of: $0) }
  }

  private func startCompacting(_ rewrite: SegmentRewrite) {
    // It needs no lock: it is taken back before the store is let go.
    let work = BackgroundWork(.whenIdle, keeping: nil, whenDone: workEnded) {
      () throws(StorageError) in try rewrite.run()
    }
    tending = .compacting(rewrite, work)
  }

  private func startErasing(_ paths: [String]) {
    let work = BackgroundWork(.whenIdle, keeping: lock, whenDone: workEnded) { [fileSystem] in
      paths.filter { path in
        do throws(FileFault) {
          try fileSystem.eraseFile(path)
          return false
        } catch {
          return true
        }
      }
    }
    tending = .erasing(work)
  }

  private func takeErased(_ work: BackgroundWork<[String]>) {
    tending = nil
    guard let left = try? work.wait() else { return }
    for path in left { retire(path, readBy: nil) }
  }

  /// Ends what is under way without waiting for a segment to be written; files that are being
  /// overwritten are waited for.
  func stopTending() {
    switch tending {
    case nil: return
    case .compacting(let rewrite, _):
      tending = nil
      rewrite.withdraw()
      // Opening erases what stays behind.
      try? rewrite.eraseFile()
    case .erasing(let work): takeErased(work)
    }
  }
}
