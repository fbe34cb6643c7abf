internal import BinaryCoding

// plan := store u8, predictor u8,
//         key varint                                              if the predictor has one
//         prefix length varint, prefix, suffix length varint, suffix          of an affix
//         scale u8, places u8                                     of amounts
//         form count u8, form*                                    of texts
//         constant length varint, constant                        of store 3

/// How the leaves of a column are stored.
struct ColumnPlan {
  /// What a block holds of the leaves that are not predicted.
  enum Store: UInt8 {
    /// The leaves themselves.
    case values = 0
    /// Their numbers in the column's dictionary.
    case dictionary = 1
    /// The words of the texts.
    case words = 2
    /// Nothing: all are the same.
    case constant = 3
  }

  /// What a leaf is compared with before it is stored.
  enum Predictor: Equatable {
    case none
    /// The leaf before it in the block.
    case previous
    /// What usually goes with the entry of another column's dictionary.
    case map(key: Int)
    /// The text of another column with something before and behind it.
    case affix(key: Int, prefix: [UInt8], suffix: [UInt8])

    var key: Int? {
      switch self {
      case .none, .previous: nil
      case .map(let key), .affix(let key, _, _): key
      }
    }
  }

  /// How amounts become integers.
  enum Scale: UInt8 {
    /// Scaled to `places`, and read with as few digits behind the point as there can be.
    case least = 0
    /// Scaled to `places`, and all have so many digits behind the point.
    case all = 1
    /// Coefficients as they are, and the scale of each.
    case written = 2
  }

  var store = Store.values
  var predictor = Predictor.none
  var scale = Scale.least
  var places: UInt8 = 0
  var forms: [TextForm] = []
  /// The leaf of all rows, in its encoding.
  var constant: [UInt8] = []

  init() {}

  func write(of place: ColumnPlace, to writer: inout ByteWriter) {
    writer.write(store.rawValue)
    switch predictor {
    case .none: writer.write(UInt8(0))
    case .previous: writer.write(UInt8(1))
    case .map(let key):
      writer.write(UInt8(2))
      writer.writeVarint(UInt64(key))
    case .affix(let key, let prefix, let suffix):
      writer.write(UInt8(3))
      writer.writeVarint(UInt64(key))
      writer.writeLengthPrefixed(prefix)
      writer.writeLengthPrefixed(suffix)
    }
    if place.kind == .amount {
      writer.write(scale.rawValue)
      writer.write(places)
    } else if place.kind.isText {
      writer.write(UInt8(forms.count))
      for form in forms { form.write(to: &writer) }
    }
    if store == .constant { writer.writeLengthPrefixed(constant) }
  }

  init(of place: ColumnPlace, columnCount: Int, from reader: inout SpanReader) throws(ColumnFault) {
    guard let store = Store(rawValue: try reader.byte()) else { throw .bounds("store") }
    self.store = store
    switch try reader.byte() {
    case 0: predictor = .none
    case 1: predictor = .previous
    case 2: predictor = .map(key: try reader.count(max: columnCount - 1))
    case 3:
      predictor = .affix(
        key: try reader.count(max: columnCount - 1),
        prefix: try reader.lengthPrefixed(max: TextForm.affixBytesMax),
        suffix: try reader.lengthPrefixed(max: TextForm.affixBytesMax))
    default: throw .bounds("predictor")
    }
    if place.kind == .amount {
      guard let scale = Scale(rawValue: try reader.byte()) else { throw .bounds("scale") }
      self.scale = scale
      places = try reader.byte()
      try require(places <= 18, "places of amounts")
    } else if place.kind.isText {
      for _ in 0..<(try reader.byte()) { forms.append(try TextForm(from: &reader)) }
      try require(forms.count <= ColumnLimits.formsMax, "forms")
    }
    if store == .constant {
      constant = try reader.lengthPrefixed(max: ColumnLimits.recordBytesMax)
    }
    try check(of: place)
  }

  /// Requires that store and predictor go with the column's kind.
  private func check(of place: ColumnPlace) throws(ColumnFault) {
    switch store {
    case .values: break
    case .dictionary: try require(place.kind.hasDictionary, "dictionary of a column")
    case .words: try require(place.kind == .text, "store of a column")
    case .constant: try require(predictor == .none, "predictor of a constant")
    }
    switch predictor {
    case .none: break
    case .previous: try require(!place.kind.isCount, "predictor of counts")
    case .map: try require(store == .dictionary, "map without a dictionary")
    case .affix:
      try require(place.kind.hasAffix && (store == .values || store == .words), "affix of a column")
    }
  }
}
