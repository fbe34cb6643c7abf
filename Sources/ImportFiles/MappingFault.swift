/// What is wrong with a mapping file, where, and what to do.
package struct MappingFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line of the mapping file, from 1.
  package let line: Int

  /// What is wrong and what to do.
  package let message: String

  init(_ message: String, line: Int) {
    self.line = line
    self.message = message
  }

  /// Line and message.
  package var description: String { "line \(line): \(message)" }
}
