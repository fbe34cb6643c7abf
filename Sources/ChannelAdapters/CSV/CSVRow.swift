internal import BinaryCoding

/// One row: its fields without quotes, in UTF-8.
package struct CSVRow: Equatable, Sendable {
  /// The number of the line on which the row begins, from 1.
  package let line: Int

  /// The fields, one after the other.
  package let bytes: [UInt8]

  /// Where each field ends in ``bytes``.
  let ends: [UInt32]

  /// The number of fields.
  package var fieldCount: Int { ends.count }

  /// Where the field of this index lies in ``bytes``.
  package func range(ofField index: Int) -> Range<Int> {
    Int(index == 0 ? 0 : ends[index - 1])..<Int(ends[index])
  }

  /// A copy of the field of this index.
  package func fieldBytes(_ index: Int) -> [UInt8] {
    [UInt8](copying: bytes.span, range(ofField: index))
  }

  /// The field of this index as text.
  package func field(_ index: Int) -> String {
    String(decoding: bytes[range(ofField: index)], as: UTF8.self)
  }

  /// The row as CSV with every field quoted, without a line end: one text for one content.
  package var encoded: [UInt8] {
    var text: [UInt8] = []
    for index in 0..<fieldCount {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      appendCSVField(bytes[range(ofField: index)], to: &text)
    }
    return text
  }
}

/// Appends a quoted CSV field.
package func appendCSVField(_ field: ArraySlice<UInt8>, to text: inout [UInt8]) {
  text.append(UInt8(ascii: "\""))
  for byte in field {
    if byte == UInt8(ascii: "\"") { text.append(byte) }
    text.append(byte)
  }
  text.append(UInt8(ascii: "\""))
}
