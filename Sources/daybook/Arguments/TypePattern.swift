internal import ArgumentParser
internal import EventModel

/// Which event types are meant: a name in which `*` stands for any run of characters and `?` for
/// one.
struct TypePattern: ExpressibleByArgument, Sendable {
  private let pattern: [UInt8]

  /// A pattern from its text; any text is one.
  init(argument: String) { pattern = Array(argument.utf8) }

  /// Whether the pattern covers `type`. O(pattern × name) at worst.
  func matches(_ type: EventType) -> Bool {
    let name = Array(type.name.utf8)
    var (at, place) = (0, 0)
    var (star, resume): (Int?, Int) = (nil, 0)
    while place < name.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        (star, resume) = (at, place)
        at += 1
      } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == name[place] {
        at += 1
        place += 1
      } else if let star {
        resume += 1
        (at, place) = (star + 1, resume)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
