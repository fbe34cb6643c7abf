internal import BinaryCoding
internal import EventModel

/// An integer or decimal: `coefficient / 10^scale`.
struct Amount: Equatable {
  var coefficient: Int64
  var scale: UInt8

  /// Reads a leaf that was checked before.
  init?(leaf: Span<UInt8>) {
    var reader = ByteReader(leaf)
    guard let tag = try? reader.readByte(), let coefficient = try? reader.readSignedVarint() else {
      return nil
    }
    self.coefficient = coefficient
    scale = 0
    guard tag == ValueTag.decimal else { return }
    guard let scale = try? reader.readVarint(), scale <= 18 else { return nil }
    self.scale = UInt8(scale)
  }

  init(coefficient: Int64, scale: UInt8) {
    self.coefficient = coefficient
    self.scale = scale
  }

  /// The coefficient with `places` digits behind the point, if it fits.
  func scaled(to places: UInt8) -> Int64? {
    var value = coefficient
    for _ in scale..<max(scale, places) {
      let (next, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = next
    }
    return value
  }

  /// Whether no shorter scale would do.
  var isLeast: Bool { scale == 0 || coefficient % 10 != 0 }

  /// The amount with the fewest digits behind the point of a coefficient with `places` of them.
  init(least coefficient: Int64, places: UInt8) {
    self.coefficient = coefficient
    scale = places
    while scale > 0, self.coefficient % 10 == 0 {
      self.coefficient /= 10
      scale -= 1
    }
  }

  /// Writes the leaf.
  func write(to writer: inout ByteWriter) {
    writer.write(scale == 0 ? ValueTag.integer : ValueTag.decimal)
    writer.writeSignedVarint(coefficient)
    if scale > 0 { writer.write(scale) }
  }
}
