/// Rows in aligned columns, for people.
struct TextTable {
  /// Where a column's text stands.
  enum Alignment {
    case left
    case right
  }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// A table with a heading; a column whose heading begins with `>` is aligned to the right.
  init(_ headings: String...) {
    alignments = headings.map { $0.hasPrefix(">") ? .right : .left }
    rows = [headings.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }]
  }

  /// Whether no row was added.
  var isEmpty: Bool { rows.count == 1 }

  /// Adds a row, one text a column.
  mutating func add(_ cells: [String]) { rows.append(cells.map { $0.singleLine }) }

  /// Adds a row, one text a column.
  mutating func add(_ cells: String...) { add(cells) }

  /// Writes the table, its heading dimmed.
  func write(to console: Console) {
    let widths = alignments.indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    for (index, row) in rows.enumerated() {
      let line = zip(row, zip(widths, alignments)).map { cell, layout in
        cell.padded(to: layout.0, layout.1)
      }
      let text = line.joined(separator: "  ").trimmingTrailingSpaces
      console.output.line(index == 0 ? console.styled(text, .dim) : text)
    }
  }
}

extension String {
  /// The text with spaces up to `width` characters.
  func padded(to width: Int, _ alignment: TextTable.Alignment = .left) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return alignment == .left ? self + spaces : spaces + self
  }

  /// The text without the spaces at its end.
  fileprivate var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }

  /// The text with control characters replaced, so that data cannot move the cursor or change
  /// colours of the terminal it is shown on.
  var singleLine: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return self
    }
    return String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  /// The text cut to at most `width` characters.
  func shortened(to width: Int) -> String {
    count <= width ? self : prefix(width - 1) + "…"
  }
}
