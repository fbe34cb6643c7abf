/// One line on standard error that tells how far long work has come, how fast it goes and how long
/// it will take. It is drawn on terminals only, at most ten times a second.
///
/// A class because callbacks of the work and the command that ends it share it.
final class ProgressLine {
  private let console: Console
  private let title: String
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant?

  /// A line that begins with `title`; nothing is shown before the first ``update(done:of:rows:unit:)``.
  init(_ title: String, on console: Console) {
    self.title = title
    self.console = console
    start = clock.now
  }

  /// Milliseconds since the work began.
  var elapsedMilliseconds: Int64 { (clock.now - start).milliseconds }

  /// Shows how far the work is.
  ///
  /// - Parameters:
  ///   - done: How much is done.
  ///   - total: How much there is in all, when that is known.
  ///   - rows: What the rate counts; `done` when left out.
  ///   - unit: What is counted, in the plural.
  func update(done: UInt64, of total: UInt64?, rows: UInt64? = nil, unit: String = "events") {
    guard console.showsProgress else { return }
    let now = clock.now
    if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
    lastDrawn = now
    let elapsed = elapsedMilliseconds
    let rows = rows ?? done
    var parts = [
      title, "\(Amounts.count(rows)) \(unit)",
      "\(Amounts.count(Amounts.rate(rows, milliseconds: elapsed)))/s",
    ]
    if let total, total > 0 {
      parts.insert(bar(done: done, of: total), at: 1)
      if done > 0, done < total {
        let left = Int64(clamping: (total - done) / max(1, done * 1000 / UInt64(max(1, elapsed))))
        parts.append("\(Amounts.clock(seconds: left)) left")
      }
    }
    console.writeToStandardError("\r\u{1b}[K\(parts.joined(separator: "  "))")
  }

  /// Takes the line away.
  func end() {
    if lastDrawn != nil { console.writeToStandardError("\r\u{1b}[K") }
    lastDrawn = nil
  }

  private func bar(done: UInt64, of total: UInt64) -> String {
    let percent = min(100, done >= total ? 100 : done / max(1, total / 100))
    let filled = Int(percent / 5)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
      + " \(percent)%"
  }
}

extension Duration {
  /// The whole milliseconds of a duration.
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
