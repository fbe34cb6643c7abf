internal import EventModel

/// Page views of some 450 bytes as JSON, which differ in their ids, persons and paths.
///
/// They are made by writing digits into a section that was encoded once: what is measured is the log, and
/// the peers beside it get constant bytes.
struct PageViews {
  private let entry: EventCatalogue.Entry
  private let facts: [Section]
  private var person: [UInt8]
  private let idPlace: Int
  private let userPlace: Int

  /// Those of one writer; others have other ids.
  init(writer: Int) {
    guard
      let entry = EventCatalogue.builtIn.entries.first(where: {
        $0.schema.type.name == "page.viewed"
      })
    else { preconditionFailure("the catalogue has page views") }
    self.entry = entry
    facts = (0..<97).map { index in
      Section([
        .init("@occurred", .integer(1_763_800_000_000 + Int64(index) * 37)),
        .init("duration", .integer(Int64(index % 400))),
        .init("path", .text("/shop/shoes/\(index)")),
      ])
    }
    person =
      Section([
        .init("@id", .text("w\(writer)-#########-5f1c2a7e-77aa-4c1d")),
        .init("@identifiers", .array([.text("user:%%%%%%%%%")])),
        .init("@source", "shop.example"),
        .init("agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"),
        .init("ip", .text("203.0.113.\(writer % 250)")),
        .init("referrer", .text("https://search.example/?q=shoes+\(writer % 13)")),
      ]).bytes
    guard let idPlace = person.firstIndex(of: UInt8(ascii: "#")),
      let userPlace = person.firstIndex(of: UInt8(ascii: "%"))
    else { preconditionFailure("the section holds both texts") }
    self.idPlace = idPlace
    self.userPlace = userPlace
  }

  /// Page views from a number on.
  mutating func drafts(_ count: Int, from start: Int) -> [EventDraft] {
    (start..<start + count).map { index in
      write(index, at: idPlace)
      write(index * 31 % 5000, at: userPlace)
      return EventDraft(
        channel: .web, type: entry.schema.type, schema: entry.digest,
        sections: [facts[index % facts.count], Section(unchecked: person)])
    }
  }

  /// Writes nine digits.
  private mutating func write(_ number: Int, at place: Int) {
    var rest = number
    for offset in (0..<9).reversed() {
      person[place + offset] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
