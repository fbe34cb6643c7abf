/// Why a document cannot be read, in terms of its text.
public struct DocumentFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line of the text, from 1.
  public let line: Int
  /// What is wrong and what to write instead. It repeats nothing of the text but names of fields.
  public let message: String

  /// A fault from its parts.
  public init(_ message: String, line: Int) {
    self.message = message
    self.line = line
  }

  /// The line and what is wrong with it.
  public var description: String { "line \(line): \(message)" }
}

/// The lines of a document, as people may write them: words apart by spaces, texts in quotes, lines
/// that are empty or begin with `#` left out. The canonical form is what a document prints.
///
/// Source: `docs/format/documents.md` §2.
package struct DocumentLines {
  /// A word of a line.
  package struct Word: Hashable {
    /// The word, without its quotes.
    package let text: String
    /// Whether it stood in quotes.
    package let isQuoted: Bool
  }

  /// A line with at least one word.
  package struct Line {
    /// Its number in the text, from 1.
    package let number: Int
    /// Its words; at least one.
    package let words: [Word]

    /// The first word, unless it stood in quotes.
    package var keyword: String { words[0].isQuoted ? "" : words[0].text }

    /// A fault of this line.
    package func fault(_ message: String) -> DocumentFault { DocumentFault(message, line: number) }

    /// The word at a place, which must be there without quotes.
    ///
    /// - Parameters:
    ///   - index: The place, from 0.
    ///   - meaning: What it says, for the fault.
    /// - Returns: The word.
    /// - Throws: ``DocumentFault`` when it is missing.
    package func word(_ index: Int, _ meaning: String) throws(DocumentFault) -> String {
      guard words.indices.contains(index), !words[index].isQuoted else {
        throw fault("\(meaning) is missing; see docs/format/documents.md")
      }
      return words[index].text
    }

    /// Checks that the line has no more words than `count`.
    ///
    /// - Parameter count: How many it may have.
    /// - Throws: ``DocumentFault`` when there are more.
    package func expect(count: Int) throws(DocumentFault) {
      guard words.count <= count else {
        throw fault("the line goes on after its last word; take away what is behind it")
      }
    }
  }

  /// The lines with words, in order.
  package let lines: [Line]

  /// The largest schema or scale document in bytes: 64 KiB.
  package static let byteCountMax = 64 * 1024

  /// Splits a text.
  ///
  /// - Parameter text: At most ``byteCountMax`` bytes of UTF-8.
  /// - Throws: ``DocumentFault`` naming the first line that is wrong.
  /// - Complexity: O(bytes).
  package init(_ text: String) throws(DocumentFault) {
    guard text.utf8.count <= Self.byteCountMax else {
      throw DocumentFault("a document has at most 64 KiB; split what it says", line: 1)
    }
    var lines: [Line] = []
    let parts = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      let words = try Self.words(Array(part), line: index + 1)
      guard let first = words.first, first.isQuoted || !first.text.hasPrefix("#") else { continue }
      lines.append(Line(number: index + 1, words: words))
    }
    self.lines = lines
  }

  private static func words(_ line: [UInt8], line number: Int) throws(DocumentFault) -> [Word] {
    var words: [Word] = []
    var index = 0
    while index < line.count {
      if isSpace(line[index]) {
        index += 1
      } else if line[index] == UInt8(ascii: "\"") {
        guard let end = line[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) else {
          throw DocumentFault("a quoted text does not end; close it with \"", line: number)
        }
        words.append(Word(text: try text(line[(index + 1)..<end], number), isQuoted: true))
        index = end + 1
      } else {
        let end = line[index...].firstIndex(where: isSpace) ?? line.count
        words.append(Word(text: try text(line[index..<end], number), isQuoted: false))
        index = end
        // The rest of a line of remarks is not looked at.
        if words[0].text.hasPrefix("#"), !words[0].isQuoted { return words }
      }
    }
    return words
  }

  private static func text(
    _ bytes: ArraySlice<UInt8>, _ line: Int
  ) throws(DocumentFault) -> String {
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw DocumentFault("a control character; write printable text only", line: line)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Spaces, tabs and the carriage returns of other systems.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0d
  }

  /// Checks the first line, `daybook KIND VERSION`.
  ///
  /// - Parameter kind: What the document should be.
  /// - Returns: The lines behind it.
  /// - Throws: ``DocumentFault`` when it is another kind or version.
  package func body(ofKind kind: String) throws(DocumentFault) -> ArraySlice<Line> {
    guard let first = lines.first else {
      throw DocumentFault("the document is empty; begin with 'daybook \(kind) 0'", line: 1)
    }
    guard first.words.map(\.text) == ["daybook", kind, "0"] else {
      throw first.fault(
        "the first line is not 'daybook \(kind) 0'; a higher number needs a newer Daybook")
    }
    return lines.dropFirst()
  }

  /// Whether a text may name a field, a survey or the like: 1 to 64 ASCII letters, digits, `_`, `-`.
  package static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
