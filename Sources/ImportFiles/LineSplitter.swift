#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Whole lines of an input, ready to be parsed together.
package struct LineBatch: Sendable {
  /// A line without its end.
  package struct Line: Equatable, Sendable {
    /// The line's number in the input, from 1.
    package let number: Int
    /// Where it lies in ``LineBatch/bytes``.
    package let range: Range<Int>
  }

  /// A line that was too long to keep.
  package struct OverlongLine: Equatable, Sendable {
    /// The line's number in the input, from 1.
    package let number: Int
    /// How long it was, without its end.
    package let byteCount: Int
  }

  /// The bytes that the lines are ranges of.
  package var bytes: [UInt8] = []

  /// The lines that are not empty, in order.
  package var lines: [Line] = []

  /// The lines that ended in this batch and were too long.
  package var overlong: [OverlongLine] = []
}

/// Cuts chunks into lines, whatever their length, in bounded memory.
///
/// Lines end in LF or CRLF; the last may lack its end. A byte order mark at the start is skipped,
/// and so are empty and blank lines. A line longer than the limit is counted and not kept.
package struct LineSplitter: Sendable {
  /// The longest line that is kept, in bytes.
  package let lineByteCountMax: Int

  /// The begun line, if it is short enough to keep.
  private var rest: [UInt8] = []
  /// The length so far of a begun line that is too long, or 0.
  private var overlongByteCount = 0
  private var number = 1

  /// A splitter at the start of an input.
  ///
  /// - Parameter lineByteCountMax: The longest line that is kept, in bytes; 1 MiB unless said otherwise.
  package init(lineByteCountMax: Int = 1 << 20) { self.lineByteCountMax = lineByteCountMax }

  /// Takes the next chunk and returns the lines that end in it.
  ///
  /// - Parameter chunk: The bytes after those of the chunk before.
  /// - Returns: The lines that end in the chunk.
  /// - Complexity: O(chunk + begun line).
  package mutating func split(_ chunk: consuming [UInt8]) -> LineBatch {
    var batch = LineBatch()
    var start = 0
    if rest.isEmpty {
      batch.bytes = chunk
    } else {
      batch.bytes = rest
      batch.bytes += chunk
    }
    var scanned = rest.count
    rest = []
    while let end = batch.bytes.firstLineEnd(from: max(start, scanned)) {
      endLine(start..<end, in: &batch)
      start = end + 1
      scanned = start
    }
    keepRest(batch.bytes, from: start)
    return batch
  }

  /// Ends the input and returns the line that was still open.
  ///
  /// - Returns: The last line, or no line if the input ended in one.
  package mutating func finish() -> LineBatch {
    var batch = LineBatch()
    batch.bytes = rest
    rest = []
    endLine(0..<batch.bytes.count, in: &batch)
    return batch
  }

  /// The number of the line that is still open, and how much of it there is; nil between lines.
  package var openLine: LineBatch.OverlongLine? {
    let count = overlongByteCount + rest.count
    return count == 0 ? nil : LineBatch.OverlongLine(number: number, byteCount: count)
  }

  private mutating func endLine(_ range: Range<Int>, in batch: inout LineBatch) {
    let isWhole = overlongByteCount == 0
    let endsInReturn = range.last.map { batch.bytes[$0] == UInt8(ascii: "\r") } ?? false
    let start = range.lowerBound + (number == 1 ? markByteCount(batch.bytes[range]) : 0)
    let line = start..<(endsInReturn ? range.upperBound - 1 : range.upperBound)
    let byteCount = overlongByteCount + line.count
    if byteCount > lineByteCountMax {
      batch.overlong.append(LineBatch.OverlongLine(number: number, byteCount: byteCount))
    } else if isWhole, !line.allSatisfy({ Self.isBlank(batch.bytes[$0]) }) {
      batch.lines.append(LineBatch.Line(number: number, range: line))
    }
    overlongByteCount = 0
    number += 1
  }

  /// The length of a byte order mark, which the first line may begin with.
  private func markByteCount(_ line: ArraySlice<UInt8>) -> Int {
    line.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private mutating func keepRest(_ bytes: [UInt8], from start: Int) {
    let count = bytes.count - start
    if overlongByteCount + count > lineByteCountMax + 1 {
      overlongByteCount += count
    } else {
      rest = [UInt8](bytes[start...])
    }
  }
}

extension [UInt8] {
  /// The index of the first LF at or after `start`, or nil.
  fileprivate func firstLineEnd(from start: Int) -> Int? {
    guard start < count else { return nil }
    // The search stays within the buffer, and the result is turned into an index at once.
    return unsafe withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, Int32(UInt8(ascii: "\n")), buffer.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}
