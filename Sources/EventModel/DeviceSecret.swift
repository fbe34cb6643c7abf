internal import BinaryCoding
package import HybridTime
package import MerkleProofs

extension OriginID {
  /// The name of the origin's log in signed notes: `daybook.log/BOOK/ORIGIN`, both in hexadecimal.
  package func logName(in book: BookID) -> String { "daybook.log/\(book)/\(fullDescription)" }

  /// What the origin's heads in a book are checked by, or nothing when its key is none.
  package func verifier(in book: BookID) -> NoteVerifier? {
    NoteVerifier(name: logName(in: book), publicKey: key.bytes)
  }
}

extension DeviceKey {
  /// The 32 bytes.
  package var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 32)
    write(to: &writer)
    return writer.bytes
  }
}

/// A device's private key: it signs the heads of its incarnations.
package struct DeviceSecret: Sendable {
  private let seed: [UInt8]
  /// The public key.
  package let key: DeviceKey

  /// The secret of 32 bytes, or nothing when it is not one.
  ///
  /// - Parameter seed: The private key of RFC 8032.
  package init?(seed: [UInt8]) {
    guard let signer = NoteSigner(name: "device", seed: seed),
      let key = DeviceKey(bytes: signer.verifier.publicKey)
    else { return nil }
    self.seed = seed
    self.key = key
  }

  /// What signs an origin's heads, or nothing when the origin is not one of this device.
  package func signer(of origin: OriginID, in book: BookID) -> NoteSigner? {
    guard origin.key == key else { return nil }
    return NoteSigner(name: origin.logName(in: book), seed: seed)
  }
}

extension DeviceSecret: CustomStringConvertible {
  /// Whose secret it is; not the secret.
  package var description: String { "secret of \(key)" }
}
