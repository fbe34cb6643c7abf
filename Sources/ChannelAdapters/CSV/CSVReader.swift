/// Reads CSV as RFC 4180 has it, from chunks of bytes cut anywhere.
///
/// The first row is the header. Fields may be quoted; quoted fields may hold separators, line
/// breaks and doubled quotes. Lines end in LF or CRLF, a byte order mark at the start is skipped,
/// and so are empty lines. A quote inside an unquoted field stands for itself, as in `5" pipe`.
///
/// A bad row is reported in its place and reading goes on after it, in bounded memory: nothing
/// that follows is lost. Only a bad header ends the file.
///
/// ```
///              separator                 quote              separator, line end
///   fieldStart ─────────▶ fieldStart       unquoted ◀─── other ─── fieldStart ─── quote ──▶ quoted
///   quoted ── quote ──▶ quoteInQuoted ── quote ──▶ quoted (one quote)
///                       quoteInQuoted ── separator, line end ──▶ fieldStart
///                       quoteInQuoted ── CR ──▶ returnAfterQuote ── LF ──▶ fieldStart
///                       either ── other ──▶ unquoted, row refused
/// ```
package struct CSVReader: Sendable {
  /// Bounds on one row.
  package struct Limits: Equatable, Sendable {
    /// The most bytes of a row, quotes not counted.
    package var rowByteCountMax = 1 << 20
    /// The most fields of a row.
    package var fieldCountMax = 4_096

    /// A megabyte and 4,096 fields.
    package init() {}
  }

  /// What comes out, in the order of the file.
  package enum Item: Equatable, Sendable {
    /// The names of the columns; comes first, once. One without a name is `column_N`, N from 1.
    case header([String])
    /// A row with as many fields as the header.
    case row(CSVRow)
    /// A row that cannot be read, the line it begins on, and what was read of it.
    case refused(CSVFault, CSVRow)
  }

  private enum State {
    case fieldStart, unquoted, quoted, quoteInQuoted, returnAfterQuote
  }

  private let separator: UInt8
  private let limits: Limits
  private var state = State.fieldStart
  private var columnCount: Int?
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []
  private var fault: CSVFault?
  private var line = 1
  private var rowLine = 1
  private var isRowQuoted = false
  private var markOffset = 0
  private var items: [Item] = []

  /// A reader at the start of a file.
  ///
  /// - Parameters:
  ///   - separator: The byte between fields: a comma, semicolon, tab or the like.
  ///   - limits: Bounds on one row.
  package init(separator: UInt8 = UInt8(ascii: ","), limits: Limits = Limits()) {
    self.separator = separator
    self.limits = limits
  }

  /// Takes the next chunk and returns what it completes.
  ///
  /// - Parameter chunk: The bytes after those of the chunk before.
  /// - Returns: Header, rows and refused rows, in order.
  /// - Throws: ``CSVFault`` if the header is bad; nothing can be read then.
  /// - Complexity: O(chunk); holds the chunk's rows and one row more.
  package mutating func read(_ chunk: Span<UInt8>) throws(CSVFault) -> [Item] {
    for index in chunk.indices {
      let byte = chunk[index]
      if markOffset < 3, skipMark(byte) { continue }
      try take(byte)
    }
    return takeItems()
  }

  /// Ends the file and returns the row that was still open, if any.
  ///
  /// - Parameter isTruncated: Whether the input broke off, so that the open row is not whole.
  /// - Returns: What is left.
  /// - Throws: ``CSVFault`` if the header is bad.
  package mutating func finish(isTruncated: Bool = false) throws(CSVFault) -> [Item] {
    if markOffset < 3 { endMark() }
    guard !isRowEmpty else { return takeItems() }
    if isTruncated { fault = fault ?? .truncated }
    if state == .quoted { fault = fault ?? .unterminatedQuote }
    try endRow()
    return takeItems()
  }

  private var isRowEmpty: Bool {
    bytes.isEmpty && ends.isEmpty && !isRowQuoted && fault == nil
  }

  private mutating func takeItems() -> [Item] {
    defer { items = [] }
    return items
  }
}

/// One byte at a time.
extension CSVReader {
  /// Skips the byte order mark EF BB BF; anything else ends the search for it.
  private mutating func skipMark(_ byte: UInt8) -> Bool {
    guard Self.mark[markOffset] == byte else {
      endMark()
      return false
    }
    markOffset += 1
    return true
  }

  /// Gives back what looked like the start of a mark and was none.
  private mutating func endMark() {
    for index in 0..<markOffset { append(Self.mark[index]) }
    if markOffset > 0 { state = .unquoted }
    markOffset = 3
  }

  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

  private mutating func take(_ byte: UInt8) throws(CSVFault) {
    if byte == UInt8(ascii: "\n") { line += 1 }
    switch state {
    case .quoted:
      if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { append(byte) }
    case .quoteInQuoted where byte == UInt8(ascii: "\""):
      append(byte)
      state = .quoted
    case .fieldStart where byte == UInt8(ascii: "\""):
      isRowQuoted = true
      state = .quoted
    default: try takeUnquoted(byte)
    }
  }

  private mutating func takeUnquoted(_ byte: UInt8) throws(CSVFault) {
    switch byte {
    case separator: endField()
    case UInt8(ascii: "\n"): try endLine()
    case UInt8(ascii: "\r") where state == .quoteInQuoted: state = .returnAfterQuote
    default:
      if state == .quoteInQuoted || state == .returnAfterQuote {
        fault = fault ?? .textAfterQuote(field: ends.count)
      }
      append(byte)
      state = .unquoted
    }
  }

  private mutating func endLine() throws(CSVFault) {
    // A carriage return that was quoted is text; one that was not is half of the line end.
    if state == .unquoted, bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    state = .fieldStart
    if isRowEmpty { rowLine = line } else { try endRow() }
  }

  private mutating func append(_ byte: UInt8) {
    if bytes.count < limits.rowByteCountMax {
      bytes.append(byte)
    } else {
      fault = fault ?? .rowTooLong(max: limits.rowByteCountMax)
    }
  }

  private mutating func endField() {
    state = .fieldStart
    if ends.count < limits.fieldCountMax {
      ends.append(UInt32(bytes.count))
    } else {
      fault = fault ?? .tooManyFields(max: limits.fieldCountMax)
    }
  }

  private mutating func endRow() throws(CSVFault) {
    endField()
    let row = CSVRow(line: rowLine, bytes: bytes, ends: ends)
    let fault = fault ?? Self.encodingFault(in: row)
    startRow()
    guard let columnCount else { return try endHeader(row, fault) }
    if let fault {
      items.append(.refused(fault, row))
    } else if row.fieldCount != columnCount {
      items.append(.refused(.raggedRow(fields: row.fieldCount, expected: columnCount), row))
    } else {
      items.append(.row(row))
    }
  }

  private mutating func startRow() {
    bytes.removeAll(keepingCapacity: false)
    ends.removeAll(keepingCapacity: false)
    bytes.reserveCapacity(256)
    ends.reserveCapacity(columnCount ?? 16)
    fault = nil
    isRowQuoted = false
    rowLine = line
  }

  private mutating func endHeader(_ row: CSVRow, _ fault: CSVFault?) throws(CSVFault) {
    if let fault { throw fault }
    let names = (0..<row.fieldCount).map { index in
      row.range(ofField: index).isEmpty ? "column_\(index + 1)" : row.field(index)
    }
    var seen: Set<String> = []
    for (index, name) in names.enumerated() {
      guard seen.insert(name).inserted else { throw .doubledColumn(index) }
    }
    columnCount = names.count
    items.append(.header(names))
  }

  private static func encodingFault(in row: CSVRow) -> CSVFault? {
    guard let offset = row.bytes.span.firstInvalidUTF8() else { return nil }
    return .invalidUTF8(field: row.ends.firstIndex { offset < Int($0) } ?? 0)
  }
}
