internal import EventStorage

extension RecoveryReport {
  /// What opening found that is worth telling, or nothing.
  var remark: String? {
    var parts: [String] = []
    if droppedTailByteCount > 0 {
      parts.append(
        "cut \(Amounts.bytes(droppedTailByteCount)) of an append that was never acknowledged")
    }
    if didRestoreSaltsCopy { parts.append("wrote the second copy of the salts again") }
    if didRestoreManifestCopy { parts.append("wrote the second copy of the manifest again") }
    if didLoseTrees { parts.append("computes its Merkle trees again") }
    if !removedFiles.isEmpty {
      parts.append("removed \(Amounts.count(removedFiles.count, "file")) of an unfinished seal")
    }
    return parts.isEmpty ? nil : "The store recovered: \(parts.joined(separator: ", "))."
  }
}
