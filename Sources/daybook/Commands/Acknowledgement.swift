internal import BinaryCoding
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import ImportFiles
internal import InteractionLog

/// What `append --ndjson` answers to a batch that is durable: a line of JSON for each event and for
/// each refused line, in the order of the input.
enum Acknowledgement {
  /// Writes the acknowledgements of a batch.
  ///
  /// - Parameters:
  ///   - batch: What was read.
  ///   - results: What became of its drafts, in their order.
  ///   - output: Where they go; the caller flushes it.
  static func write(_ batch: ImportBatch, _ results: [AppendOutcome], to output: StandardOutput) {
    var refused = batch.deadLetters[...]
    for (line, result) in zip(batch.lines, results) {
      while let letter = refused.first, letter.line < line {
        write(letter, to: output)
        refused.removeFirst()
      }
      write(result, line: line, to: output)
    }
    for letter in refused { write(letter, to: output) }
  }

  private static func write(_ result: AppendOutcome, line: Int, to output: StandardOutput) {
    switch result {
    case .appended(let dot, let position):
      write(line, dot, position, "appended", to: output)
    case .duplicate(let position, let dot):
      write(line, dot, position, "duplicate", to: output)
    case .conflict(let dot, let position, _):
      write(line, dot, position, "conflict", to: output)
    case .erased(let dot, let position):
      write(line, dot, position, "erased", to: output)
    case .erasedBefore:
      output.line(
        .object([Value.Field("line", .integer(Int64(line))), Value.Field("result", "erased")]))
    }
  }

  private static func write(
    _ line: Int, _ dot: Dot, _ position: LogPosition, _ result: StaticString,
    to output: StandardOutput
  ) {
    output.buffer.writeText("{\"line\":")
    output.buffer.writeDigits(Int64(line))
    output.buffer.writeText(",\"event\":\"")
    output.buffer.bytes.append(contentsOf: dot.description.utf8)
    output.buffer.writeText("\",\"position\":")
    output.buffer.writeDigits(position.rawValue, width: 1)
    output.buffer.writeText(",\"result\":\"")
    output.buffer.writeText(result)
    output.buffer.writeText("\"}\n")
  }

  private static func write(_ letter: DeadLetter, to output: StandardOutput) {
    output.line(
      .object([
        Value.Field("line", .integer(Int64(letter.line))), Value.Field("result", "refused"),
        Value.Field("reason", .text("\(letter.code): \(letter.reason)")),
        Value.Field("remedy", .text(letter.remedy)),
      ]))
  }
}
