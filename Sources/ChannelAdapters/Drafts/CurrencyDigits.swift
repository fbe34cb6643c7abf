/// How many digits a currency has after the decimal point.
///
/// Source: ISO 4217, list one of 2024; all not listed here have two.
package enum CurrencyDigits {
  private static let exceptions: [String: UInt8] = {
    var digits: [String: UInt8] = [:]
    for code in [
      "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
      "VUV", "XAF", "XOF", "XPF",
    ] { digits[code] = 0 }
    for code in ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"] { digits[code] = 3 }
    for code in ["CLF", "UYW"] { digits[code] = 4 }
    return digits
  }()

  /// The digits of the currency with this three-letter code.
  package static func of(_ code: String) -> UInt8 { exceptions[code] ?? 2 }
}
