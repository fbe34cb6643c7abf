package import EventModel

/// What a mapping file says: which events a row of a table makes, and where its columns go.
///
/// `docs/guide/importing.md` explains the language; ``MappingAdapter`` carries it out.
package struct RowMapping: Sendable {
  /// The name of the source system.
  package var source: String
  /// Texts that mean "no value", beside the empty one.
  package var absentTexts: Set<String> = []
  /// Whether a row for which no event is meant is passed over; else it is refused.
  package var skipsUnmatched = false
  /// The byte between the fields of a CSV file.
  package var separator = UInt8(ascii: ",")
  /// The events that a row may make, in order.
  package var events: [EventRule] = []

  /// A mapping without events.
  package init(source: String) { self.source = source }

  /// Every column that is named somewhere, with the line of the mapping file that names it.
  package var columns: [MappedColumn] { events.flatMap(\.columns) }
}

/// A column, or a path into the objects of a row: `customer.email`.
package struct MappedColumn: Hashable, Sendable {
  /// The name as written.
  package let name: String
  /// Where the mapping file names it, from 1.
  package let line: Int
  let whole: JSONDocument.Key
  let path: [JSONDocument.Key]

  /// Names a column.
  package init(_ name: String, line: Int) {
    self.name = name
    self.line = line
    whole = JSONDocument.Key(name)
    path = name.split(separator: ".", omittingEmptySubsequences: false).map {
      JSONDocument.Key(String($0))
    }
  }

  /// Columns are the same if their names are.
  package static func == (left: MappedColumn, right: MappedColumn) -> Bool {
    left.name == right.name
  }

  /// Hashes the name.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// One event that a row may make.
package struct EventRule: Sendable {
  /// The event's type.
  package var type: EventType
  /// All must hold.
  package var conditions: [RowCondition] = []
  /// The source id; nil for the row's fingerprint and occurrence.
  package var id: TextTemplate?
  /// When it happened.
  package var occurred: ValueRule?
  /// The medium.
  package var channel: ValueRule?
  /// The surface within the medium.
  package var touchpoint: ValueRule?
  /// The currency of its amounts, if no column says it.
  package var currency: String?
  /// Identifiers by kind.
  package var identifiers: [(name: String, rule: ValueRule)] = []
  /// Attributes of the person.
  package var traits: [(name: String, rule: ValueRule)] = []
  /// Fields that are not personal; each is declared by the type's schema.
  package var facts: [(name: String, rule: ValueRule)] = []
  /// Personal fields.
  package var fields: [(name: String, rule: ValueRule)] = []
  /// Whether columns that are not mentioned become personal fields.
  package var keepsRest = true

  /// An event of a type, with nothing in it.
  package init(type: EventType) { self.type = type }

  private var valueRules: [ValueRule] {
    [occurred, channel, touchpoint].compactMap { $0 }
      + (identifiers + traits + facts + fields).map(\.rule)
  }

  /// The columns whose values the event holds.
  var mentioned: [MappedColumn] { valueRules.flatMap(\.columns) + (id?.columns ?? []) }

  /// Every column that the rule names.
  var columns: [MappedColumn] { mentioned + conditions.map(\.column) }
}

/// When an event is meant.
package struct RowCondition: Sendable {
  /// What must hold of the column's value.
  package enum Test: Sendable {
    /// There is a value, or there is none.
    case present(Bool)
    /// The value is one of these texts, or is none of them.
    case among(Set<String>, Bool)
    /// The value begins with this text, or does not.
    case prefix(String, Bool)
    /// The value is a number below this one.
    case below(Decimal64)
    /// The value is a number not below this one.
    case atLeast(Decimal64)
  }

  /// The column that is looked at.
  package let column: MappedColumn
  /// What must hold.
  package let test: Test

  /// States a condition.
  package init(column: MappedColumn, test: Test) {
    self.column = column
    self.test = test
  }
}

/// Text with columns in braces: `order:{order_id}`; a brace itself is written twice.
package struct TextTemplate: Sendable {
  enum Part: Sendable {
    case text([UInt8])
    case column(MappedColumn)
  }

  let parts: [Part]

  /// Reads a template, or returns nil if its braces do not match.
  ///
  /// - Parameters:
  ///   - text: The template.
  ///   - line: Where the mapping file has it, from 1.
  package init?(_ text: String, line: Int) {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let isBrace = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
      if isBrace, rest.first == byte {
        rest.removeFirst()
      } else if byte == UInt8(ascii: "}") {
        return nil
      } else if byte == UInt8(ascii: "{") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        parts.append(.text(literal))
        literal = []
        let name = String(decoding: rest[..<end], as: UTF8.self)
        parts.append(.column(MappedColumn(name, line: line)))
        rest = rest[(end + 1)...]
        continue
      }
      literal.append(byte)
    }
    self.parts = parts + [.text(literal)]
  }

  var columns: [MappedColumn] {
    parts.compactMap { part in
      if case .column(let column) = part { column } else { nil }
    }
  }
}

/// Where a value comes from and what is done to it, in the order of the properties.
package struct ValueRule: Sendable {
  /// Where a value comes from.
  package enum Origin: Sendable {
    case column(MappedColumn)
    case constant(Value)
    case template(TextTemplate)
  }

  /// Where it comes from.
  package var origin: Origin
  /// Taken off the end of a text that ends so.
  package var suffix: String?
  /// Replacements by text; a text that is not listed becomes ``otherwise``, or stays.
  package var map: [String: Value] = [:]
  /// What a text becomes that the map does not list.
  package var otherwise: Value?
  /// Multiplies a number, exactly.
  package var factor: Decimal64?
  /// Reads a time.
  package var time: TimeRule?
  /// Stands for a missing value.
  package var fallback: Value?
  /// Why values that look like a person's are facts all the same; nil to keep such values back.
  package var notPersonal: String?

  /// A value as it comes.
  package init(_ origin: Origin) { self.origin = origin }

  var columns: [MappedColumn] {
    switch origin {
    case .column(let column): [column]
    case .constant: []
    case .template(let template): template.columns
    }
  }

  /// Whether a value may be taken as it stands in the row.
  var isPlain: Bool {
    suffix == nil && map.isEmpty && otherwise == nil && factor == nil && time == nil
  }
}

/// How times are written, and on which clocks.
package struct TimeRule: Sendable {
  /// How they are written.
  package var format: TimeFormat
  /// The clocks of times that do not say their offset; nil for UTC.
  package var zone: (any ZoneOffsets)?

  /// Joins a format and a zone.
  package init(format: TimeFormat = .iso8601, zone: (any ZoneOffsets)? = nil) {
    self.format = format
    self.zone = zone
  }
}
