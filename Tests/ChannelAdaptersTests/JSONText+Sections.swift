import BinaryCoding
import ChannelAdapters

extension JSONText {
  /// Writes a value from an array that holds exactly its canonical encoding.
  mutating func write(_ encoded: [UInt8]) throws {
    var reader = ByteReader(encoded.span)
    try writeValue(from: &reader)
    try reader.expectEnd()
  }
}
