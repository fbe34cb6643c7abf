/// Why a row of a CSV file, or the whole file, could not be read.
package enum CSVFault: Error, Equatable, Sendable {
  /// The row has another number of fields than the header.
  case raggedRow(fields: Int, expected: Int)
  /// Something other than a separator follows a closing quote, in the field of this index.
  case textAfterQuote(field: Int)
  /// The input ends inside quotes.
  case unterminatedQuote
  /// The input broke off within the row.
  case truncated
  /// The row has more bytes than ``CSVReader/Limits/rowByteCountMax``.
  case rowTooLong(max: Int)
  /// The row has more fields than ``CSVReader/Limits/fieldCountMax``.
  case tooManyFields(max: Int)
  /// The row is not UTF-8.
  case invalidUTF8(field: Int)
  /// The header names two columns alike; the index is that of the second.
  case doubledColumn(Int)
}

extension CSVFault: CustomStringConvertible {
  /// What is wrong and what to do; quotes nothing of the input.
  package var description: String { sentence + "; " + remedy }

  /// What is wrong.
  var sentence: String {
    switch self {
    case .raggedRow(let fields, let expected):
      "the row has \(fields) fields where the header has \(expected)"
    case .textAfterQuote(let field): "field \(field + 1) goes on after its closing quote"
    case .unterminatedQuote: "the input ends inside quotes"
    case .truncated: "the input broke off within this row"
    case .rowTooLong(let max): "the row is longer than \(max) bytes"
    case .tooManyFields(let max): "the row has more than \(max) fields"
    case .invalidUTF8(let field): "field \(field + 1) is not UTF-8"
    case .doubledColumn(let index): "column \(index + 1) of the header has the name of another"
    }
  }

  /// What to do about it.
  var remedy: String {
    switch self {
    case .raggedRow: "quote fields that hold separators or line breaks"
    case .textAfterQuote: "write a quote inside quotes as two"
    case .unterminatedQuote: "close the quotes, and write quotes inside them as two"
    case .truncated: "get the whole file and import it again"
    case .rowTooLong: "check its quotes or split it"
    case .tooManyFields: "check the separator"
    case .invalidUTF8: "convert the file to UTF-8"
    case .doubledColumn: "rename one of them"
    }
  }
}
