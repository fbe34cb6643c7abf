internal import BinaryCoding
internal import DurableFiles
internal import MerkleProofs

/// Where a store lies, in 16 bytes: another machine, file number or path makes it another place.
///
/// A store that finds itself elsewhere may be a copy whose original writes on, so it appends under a
/// new incarnation.
struct StorePlace: Hashable {
  private let bytes: [UInt8]

  private static let byteCount = 16

  /// The place of a store whose lock file is there.
  init(of files: StoreFiles, _ fileSystem: any FileSystem) throws(StorageError) {
    let place = try onDisk { () throws(FileFault) in try fileSystem.place(of: files.lock) }
    bytes = Array(Digest256.hash(Array("daybook place 1\n".utf8) + place).bytes.prefix(16))
  }

  /// Reads 16 bytes.
  init(from reader: inout ByteReader) throws(DecodingFault) {
    bytes = try reader.readBytes(count: Self.byteCount)
  }

  /// Writes 16 bytes.
  func write(to writer: inout ByteWriter) { writer.write(bytes) }
}
