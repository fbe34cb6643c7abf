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
}
