package import EventModel

/// Counts facts of stored events that look like a person's, by type and field; keeps no values.
///
/// For events that came in before a recogniser did, by another way, or under a mapping that vouched
/// for its values.
package struct FactSample: Sendable {
  /// How many events were looked at.
  package private(set) var eventCount = 0
  /// How often each fact looked like a person's; at most ``findingCountMax`` of them.
  package private(set) var findings: [KeptBackFact: Int] = [:]

  /// Stands for fields that the catalogue does not declare.
  package static let undeclared = "undeclared"

  /// How many findings are told apart: other replicas' events may have any types.
  package static let findingCountMax = 1_000

  /// Nothing looked at yet.
  package init() {}

  /// The findings with their counts, in order.
  package var sorted: [(fact: KeptBackFact, count: Int)] {
    findings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Looks at the facts of one event.
  ///
  /// Events that govern the book are about nobody, and reserved fields but the touchpoint are times.
  /// Fields that the catalogue does not declare are counted under ``undeclared``, since other
  /// replicas choose their names. Of what is left, texts and whole numbers are
  /// looked at, also within order lines; amounts and times that the catalogue declares are not.
  ///
  /// - Parameters:
  ///   - facts: Section 0 of the event.
  ///   - type: The event's type.
  ///   - catalogue: Says which numbers are amounts or times.
  package mutating func add(
    _ facts: Section, of type: EventType, catalogue: EventCatalogue = .builtIn
  ) {
    eventCount += 1
    guard !type.isControl else { return }
    let schema = catalogue.entry(for: type).schema
    for field in facts.fields {
      guard !field.name.hasPrefix("@") || field.name == "@touchpoint" else { continue }
      let kind = schema.kind(of: field.name)
      guard kind != .money, kind != .time, kind != .decimal else { continue }
      let isKnown = kind != nil || field.name == "@touchpoint"
      add(field.value, of: isKnown ? field.name : Self.undeclared, named: field.name, type)
    }
  }

  private mutating func add(
    _ value: Value, of field: String, named name: String, _ type: EventType,
    isWithin: Bool = false
  ) {
    let likeness: PersonalValue?
    switch value {
    case .text(let text):
      likeness = PersonalValue(
        Array(text.utf8).span, isCode: PersonalValue.isCode(fieldName: name))
    case .integer(let number) where !isWithin: likeness = PersonalValue(number)
    case .array(let values):
      for value in values { add(value, of: field, named: name, type, isWithin: true) }
      return
    case .object(let members):
      for member in members {
        add(member.value, of: field, named: member.name, type, isWithin: true)
      }
      return
    default: return
    }
    guard let likeness else { return }
    let finding = KeptBackFact(type: type, field: field, looksLike: likeness)
    guard findings.count < Self.findingCountMax || findings[finding] != nil else { return }
    findings[finding, default: 0] += 1
  }
}

extension FactSample {
  /// Which positions of a log to look at: runs of neighbours, which lie in one block, spread evenly
  /// from the first to the last.
  ///
  /// - Parameters:
  ///   - count: How many positions there are, numbered from 1.
  ///   - sampleCountMax: How many to look at, at most.
  /// - Returns: Ascending ranges that do not overlap; all of the log if it is small.
  package static func positions(of count: UInt64, max sampleCountMax: UInt64) -> [Range<UInt64>] {
    guard count > sampleCountMax else { return count > 0 ? [1..<(count + 1)] : [] }
    let runCount = max(1, sampleCountMax / neighbourCount)
    let length = min(neighbourCount, sampleCountMax)
    return (0..<runCount).map { run in
      // The first run begins the log and the last one ends it.
      let slack = (count - length).multipliedFullWidth(by: run)
      let start = 1 + max(1, runCount - 1).dividingFullWidth(slack).quotient
      return start..<(start + length)
    }
  }

  private static let neighbourCount: UInt64 = 100
}
