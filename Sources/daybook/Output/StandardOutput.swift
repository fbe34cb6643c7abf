internal import BinaryCoding
internal import EventModel
internal import Foundation

/// Whoever read our output stopped reading: nothing is wrong, and nothing more need be written.
struct ClosedPipe: Error {}

/// Standard output behind a buffer of bytes.
///
/// A class because every part of a command writes to the same one.
final class StandardOutput {
  /// The bytes not yet handed to the system; rows are built in place.
  var buffer = ByteWriter(capacity: StandardOutput.bufferByteCount + (16 << 10))

  private static let bufferByteCount = 64 << 10

  /// Writes a line of text.
  func line(_ text: String = "") {
    buffer.bytes.append(contentsOf: text.utf8)
    buffer.write(UInt8(ascii: "\n"))
  }

  /// Writes a value as one line of JSON.
  func line(_ value: Value) {
    value.writeJSON(to: &buffer)
    buffer.write(UInt8(ascii: "\n"))
  }

  /// Hands the buffer over when it is full.
  ///
  /// - Throws: ``ClosedPipe`` when nobody reads any more.
  func flushIfFull() throws {
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  /// Hands everything over.
  ///
  /// - Throws: ``ClosedPipe`` when nobody reads any more.
  func flush() throws {
    guard buffer.count > 0 else { return }
    let bytes = Data(buffer.bytes)
    buffer.removeAll()
    do {
      try FileHandle.standardOutput.write(contentsOf: bytes)
    } catch {
      throw ClosedPipe()
    }
  }
}
