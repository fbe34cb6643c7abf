internal import DurableFiles
package import EventModel
package import MerkleProofs

/// What a backup saves: a log as it was at a moment, in files that change no more.
///
/// It holds them open, so that appends, seals and compactions go on while it is copied.
package struct BackupSource: Sendable {
  /// Whose log it is.
  package let identity: LogIdentity
  /// The segments in position order, which hold every event.
  let segments: [(segment: SealedSegment, entry: Manifest.Segment, file: any DurableFile)]
  /// The position behind the last event.
  let nextPosition: UInt64
  let salts: SaltTable
  let heads: [UInt8]
  let trees: [UInt8]
}

extension EventLog {
  /// The log as it is now, for a backup.
  ///
  /// Seals what the write-ahead log holds and signs the own head first, so that a backup needs no
  /// write-ahead log: its frames hold salts, which must not rest in old backups.
  ///
  /// - Returns: What to copy.
  /// - Throws: ``StorageError``; nothing that was acknowledged is in danger.
  /// - Complexity: That of a seal, and one open file for each segment.
  package func backupSource() throws(StorageError) -> BackupSource {
    try seal()
    try signHead()
    var segments: [(SealedSegment, Manifest.Segment, any DurableFile)] = []
    for (segment, entry) in zip(reader.segments, manifest.segments) {
      let path = files.segment(entry.number)
      let file = try onDisk { () throws(FileFault) in
        try fileSystem.open(path, for: .reading)
      }
      segments.append((segment, entry, file))
    }
    return BackupSource(
      identity: identity, segments: segments, nextPosition: manifest.basePosition, salts: salts,
      heads: heads.encoded(book: identity.book), trees: frontiers.encoded(book: identity.book))
  }

  /// What stands for a section in its event's header, whether or not its content is gone.
  ///
  /// - Parameters:
  ///   - number: The section's number.
  ///   - event: A held event with that section.
  /// - Returns: The commitment; nothing if neither it nor the salt is here.
  package func commitment(toSection number: Int, of event: Event) -> Digest256? {
    let section = event.sections[number]
    if section.isErased { return section.commitment }
    return salts.salts(of: event.dot).salt(ofSection: number).map {
      Digest256.commitment(salt: $0, to: section.bytes.span)
    }
  }
}
