internal import EventStorage

extension RecoveryReport {
  /// What opening found that is worth telling, a sentence each; mostly none.
  var remarks: [String] { [copyRemark, recoveryRemark].compactMap(\.self) }

  private var copyRemark: String? {
    guard didDrawIncarnation else { return nil }
    return
      "The store was copied or moved, it seems: it goes on under a new incarnation, so that it and"
      + " its original never write under one name. There is nothing to do."
  }

  private var recoveryRemark: String? {
    var parts: [String] = []
    if droppedTailByteCount > 0 {
      parts.append(
        "cut \(Amounts.bytes(droppedTailByteCount)) of an append that was never acknowledged")
    }
    if didRestoreSaltsCopy { parts.append("wrote the second copy of the salts again") }
    if didRestoreHeadsCopy { parts.append("wrote the second copy of the heads again") }
    if didRestoreManifestCopy { parts.append("wrote the second copy of the manifest again") }
    if didLoseTrees { parts.append("computes its Merkle trees again") }
    if !removedFiles.isEmpty {
      parts.append("removed \(Amounts.count(removedFiles.count, "file")) of an unfinished seal")
    }
    return parts.isEmpty ? nil : "The store recovered: \(parts.joined(separator: ", "))."
  }
}
