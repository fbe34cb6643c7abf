internal import EventModel

/// An exact amount in one currency, in units of 10⁻¹⁸.
///
/// Single amounts are at most a trillion units, so 10⁸ of the largest still fit; beyond that sums wrap,
/// which keeps them independent of order.
struct MoneyTotal: Hashable {
  /// Three capital letters; `XXX`, which ISO 4217 keeps for no currency, when the event states none.
  let currency: String
  private(set) var units: Int128

  /// The largest single amount that counts: 10¹² units of the currency.
  static let unitsMax = Int128(1_000_000_000_000) * unitsPerOne
  private static let unitsPerOne: Int128 = 1_000_000_000_000_000_000

  init(currency: String, units: Int128) {
    self.currency = currency
    self.units = units
  }

  mutating func add(_ units: Int128) { self.units &+= units }

  /// The amount in units of 10⁻¹⁸, or nothing when the value is no number or exceeds ``unitsMax``.
  static func units(_ value: Value?) -> Int128? {
    let units: Int128
    switch value {
    case .integer(let whole)?: units = Int128(whole) * unitsPerOne
    case .decimal(let fraction)?:
      let places = Decimal64.scaleMax - fraction.scale
      units = (0..<places).reduce(Int128(fraction.coefficient)) { product, _ in product * 10 }
    default: return nil
    }
    return units.magnitude <= unitsMax.magnitude ? units : nil
  }

  /// The amount times a count, or nothing when that exceeds ``unitsMax``.
  static func product(_ units: Int128, _ count: Int64) -> Int128? {
    let (product, overflow) = units.multipliedReportingOverflow(by: Int128(count))
    return overflow || product.magnitude > unitsMax.magnitude ? nil : product
  }

  /// The currency an event's facts state.
  static func currency(of facts: Section) -> String {
    guard let range = facts.textRange("currency"), range.count == 3,
      facts.bytes[range].allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
    else { return "XXX" }
    return String(decoding: facts.bytes[range], as: UTF8.self)
  }

  /// The amount in digits: as many places as it needs and at least those of the currency.
  var amount: String {
    let digits = String(units.magnitude)
    let padded = String(repeating: "0", count: max(0, 19 - digits.utf8.count)) + digits
    var places = padded.suffix(18)
    while places.utf8.count > minorDigits, places.last == "0" { places.removeLast() }
    return (units < 0 ? "-" : "") + padded.dropLast(18) + (places.isEmpty ? "" : "." + places)
  }

  /// Source: ISO 4217, the currencies that do not have two decimal places.
  private var minorDigits: Int {
    switch currency {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
      "XAF", "XOF", "XPF":
      0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    default: 2
    }
  }

  /// As commands print money.
  var value: Value {
    .object([Value.Field("amount", .text(amount)), Value.Field("currency", .text(currency))])
  }
}
