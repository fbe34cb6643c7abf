internal import BinaryCoding
internal import Crypto
package import DurableFiles
internal import EventModel
package import EventStorage
internal import HybridTime
internal import MerkleProofs

/// Everything a replica takes from the world: files, wall clock and chance.
///
/// A program makes one from the real world, a test or a simulation from a seed.
public struct ReplicaEnvironment: Sendable {
  /// The disk.
  package let fileSystem: any FileSystem
  /// The wall clock in milliseconds since 1970.
  package let wallMilliseconds: @Sendable () -> Int64
  /// Sixty-four random bits, fit for making keys.
  package let randomWord: @Sendable () -> UInt64
  /// Where read models live.
  package let views: Views
  /// When full write-ahead logs become segments.
  package let sealSchedule: SealSchedule
  /// When segments are compacted without being asked.
  package let compactionSchedule: CompactionSchedule

  /// Where read models live.
  package enum Views: Sendable {
    /// In `views.sqlite` within the store.
    case onDisk
    /// In memory, made anew at each open: for stores on a simulated disk.
    case inMemory
  }

  /// An environment on the machine's own disk.
  ///
  /// - Parameters:
  ///   - wallMilliseconds: The wall clock in milliseconds since 1970.
  ///   - randomWord: Sixty-four bits from the system's secure generator.
  public init(
    wallMilliseconds: @escaping @Sendable () -> Int64,
    randomWord: @escaping @Sendable () -> UInt64
  ) {
    self.init(
      fileSystem: POSIXFileSystem(), wallMilliseconds: wallMilliseconds, randomWord: randomWord,
      views: .onDisk, sealSchedule: .inBackground, compactionSchedule: .inBackground)
  }

  /// An environment from its parts.
  ///
  /// - Parameters:
  ///   - fileSystem: The disk.
  ///   - wallMilliseconds: The wall clock in milliseconds since 1970.
  ///   - randomWord: Sixty-four random bits at each call.
  ///   - views: Where read models live.
  ///   - sealSchedule: When full write-ahead logs become segments; a simulation keeps to one thread.
  ///   - compactionSchedule: When segments are compacted without being asked.
  package init(
    fileSystem: any FileSystem, wallMilliseconds: @escaping @Sendable () -> Int64,
    randomWord: @escaping @Sendable () -> UInt64, views: Views,
    sealSchedule: SealSchedule = .atOnce, compactionSchedule: CompactionSchedule = .never
  ) {
    self.fileSystem = fileSystem
    self.wallMilliseconds = wallMilliseconds
    self.randomWord = randomWord
    self.views = views
    self.sealSchedule = sealSchedule
    self.compactionSchedule = compactionSchedule
  }

  /// A book of its own for a key.
  func makeFounding(owner: DeviceKey) -> BookFounding {
    BookFounding(owner: owner, nonceHigh: randomWord(), nonceLow: randomWord())
  }

  /// Thirty-two random bytes.
  func makeSeed() -> Digest256 {
    var seed = ByteWriter(capacity: 32)
    for _ in 0..<4 { seed.write(randomWord()) }
    guard let digest = Digest256(bytes: seed.bytes) else {
      preconditionFailure("four words are 32 bytes")
    }
    return digest
  }

  /// A new device key: 32 secret bytes and the public key that belongs to them.
  func makeDeviceKey() throws(ReplicaError) -> (secret: [UInt8], key: DeviceKey) {
    let seed = makeSeed().bytes
    guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
      let key = DeviceKey(bytes: Array(secret.publicKey.rawRepresentation))
    else { throw ReplicaError(.internalFault, "32 random bytes did not make a device key") }
    return (seed, key)
  }
}
