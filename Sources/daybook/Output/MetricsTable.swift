internal import EventModel

/// A metric's rows as a table for people, made from their JSON form.
struct MetricsTable {
  private let title: String
  private let rows: [Value]

  /// The table of `answer`, whose `rows` are those of `metrics --json`.
  init(_ title: String, _ answer: Value) {
    self.title = title
    rows = answer["rows"]?.elements ?? []
  }

  /// Writes the table, or that there are no answers.
  func write(to console: Console) {
    guard let first = rows.first else { return console.output.line("\(title)  no responses") }
    let dimensions = first["by"]?.fields.map(\.name) ?? []
    let figures = first.fields.map(\.name).filter { $0 != "by" }
    var lines = [[title] + dimensions.dropFirst().map { _ in "" } + figures.map(heading)]
    if !dimensions.isEmpty { lines[0] = dimensions.map { $0.uppercased() } + figures.map(heading) }
    if !dimensions.isEmpty { console.output.line(console.styled(title, .bold)) }
    for row in rows {
      let names = dimensions.isEmpty ? [""] : dimensions.map { row["by"]?[$0]?.brief ?? "" }
      lines.append(names + figures.map { row[$0].map(ProfileCard.amount) ?? "" })
    }
    write(lines, textColumns: max(1, dimensions.count), to: console)
  }

  private func heading(_ figure: String) -> String { figure.replacingUnderscores.uppercased() }

  private func write(_ lines: [[String]], textColumns: Int, to console: Console) {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    for (index, line) in lines.enumerated() {
      let cells = line.enumerated().map { column, cell in
        cell.singleLine.padded(to: widths[column], column < textColumns ? .left : .right)
      }
      let text = cells.joined(separator: "  ")
      console.output.line(index == 0 ? console.styled(text, .dim) : text)
    }
  }
}
