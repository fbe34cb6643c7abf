/// One file of raw input, as a source sends it.
struct DemoSample {
  /// What it is, in words that end the sentence "The hub records …".
  let title: String
  /// The file's name.
  let name: String
  /// The format it is imported as.
  let format: String
  /// The mapping that reads it, in YAML, for formats that need one.
  let mapping: String?
  /// The file's content.
  let text: String
}

/// The raw input of the demonstration. `formats` shows its first lines as samples, too.
enum DemoSamples {
  /// The day on which the story ends, in milliseconds since 1970: 2025-11-20T12:00:00Z.
  static let today: Int64 = 1_763_640_000_000
  /// What the hub hears of.
  static let hub = [webClicks, socialMessages, surveyExport, phoneLog]
  /// What the till records while it has no network.
  static let till = [tillSales]
  /// What the telephone records while it has no network.
  static let phone = [appEvents]
}
