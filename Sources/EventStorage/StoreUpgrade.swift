package import DurableFiles
internal import EventModel

/// What an upgrade found and did.
public struct UpgradeReport: Equatable, Sendable {
  /// The version that the store had: that of its events × 65,536 + that of its files.
  public let from: UInt32
  /// The version that it has now.
  public let to: UInt32

  /// Whether it had that version already.
  public var wasCurrent: Bool { from == to }
}

/// Brings a store to the format version that this code writes.
///
/// From 1.0 to 1.1 the manifest alone changes: since 1.1 positions may be missing between its segments,
/// which programs of before take for damage. At every moment one copy of the manifest is whole, of the old
/// version or the new.
///
/// - Parameters:
///   - directory: The store; nobody may have it open.
///   - fileSystem: The disk.
/// - Returns: The versions.
/// - Throws: ``StorageError``: ``StorageError/version(file:found:supported:)`` for a version that no
///   upgrade begins with; nothing is changed then.
package func upgrade(
  directory: String, fileSystem: any FileSystem
) throws(StorageError) -> UpgradeReport {
  let files = StoreFiles(directory: directory)
  let written = LogIdentity.formatVersionWritten
  // Asked first, so that nothing is made where there is no store.
  _ = try Manifest.load(
    from: files, fileSystem, versions: LogIdentity.formatVersionsUpgraded + [written])
  let lock = try EventLog.takeLock(files, fileSystem)
  var manifest = try Manifest.load(
    from: files, fileSystem, versions: LogIdentity.formatVersionsUpgraded + [written]
  ).manifest
  let old = manifest.identity.formatVersion
  if old != written {
    manifest.generation += 1
    manifest.identity = LogIdentity(
      founding: manifest.identity.founding, origin: manifest.identity.origin,
      label: manifest.identity.label)
    try manifest.write(to: files, fileSystem)
  }
  withExtendedLifetime(lock) {}
  return UpgradeReport(from: old, to: written)
}
