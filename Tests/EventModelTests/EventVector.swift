import BinaryCoding
package import EventModel
package import HybridTime
import MerkleProofs
package import MerkleProofsTests

// How an event stands in a file of vectors: its record, and all that follows from it.

extension VectorText {
  /// A value as a list of its kind and its content, so that JSON's own kinds do not blur it.
  package init(_ value: Value) {
    switch value {
    case .null: self = .list(["null"])
    case .boolean(let value): self = .list([value ? "true" : "false"])
    case .integer(let value): self = .list(["integer", .text("\(value)")])
    case .decimal(let value):
      self = .list(["decimal", .text("\(value.coefficient)"), .text("\(value.scale)")])
    case .number(let text): self = .list(["number", .text(text)])
    case .text(let text): self = .list(["text", .text(text)])
    case .array(let values): self = .list(["array", .list(values.map { VectorText($0) })])
    case .object(let fields): self = .list(["object", VectorText(fields)])
    }
  }

  /// Fields as a list of pairs.
  package init(_ fields: [Value.Field]) {
    self = .list(fields.map { .list([.text($0.name), VectorText($0.value)]) })
  }

  /// A section: its fields, or the commitment that is left of it.
  package init(_ section: Section) {
    self = section.commitment.map { VectorText($0) } ?? VectorText(section.fields)
  }

  /// An origin's name, 80 digits.
  package init(_ origin: OriginID) { self = .text(origin.fullDescription) }
}

/// The windows of salts that a file of vectors tells the seeds of.
package struct VectorSalts {
  private let windows: [WindowSalts]
  private let seeds: [Digest256]

  /// One window for each origin and number, its seed a hash of both.
  package init(_ places: [(origin: OriginID, number: UInt64)]) {
    seeds = places.map { place in
      Digest256.hash(Array("vector window \(place.origin.fullDescription) \(place.number)".utf8))
    }
    windows = zip(places, seeds).map { place, seed in
      WindowSalts(origin: place.origin, window: place.number, tree: SaltTree(seed: seed))
    }
  }

  /// The salts of the event `dot`.
  package func salts(of dot: Dot) -> EventSalts {
    let window = windows.first {
      $0.origin == dot.origin && $0.window == WindowSalts.window(of: dot.sequence)
    }
    return window?.salts(of: dot) ?? .none
  }

  /// Origin, number and seed of each window.
  package var text: VectorText {
    .list(
      zip(windows, seeds).map { window, seed in
        .object([
          ("origin", VectorText(window.origin)), ("number", VectorText(Int(window.window))),
          ("seed", VectorText(seed)),
        ])
      })
  }
}

extension Event {
  /// The record in all its parts, and salts, commitments, header and id.
  package func vector(_ what: String, book: BookID, salts: VectorSalts) -> VectorText {
    let eventSalts = salts.salts(of: dot)
    let header = headerBytes(book: book, salts: eventSalts) ?? []
    let sectionSalts = sections.indices.compactMap { eventSalts.salt(ofSection: $0) }
    return .object([
      ("what", .text(what)), ("origin", VectorText(dot.origin)),
      ("sequence", .number(dot.sequence)), ("recorded", .number(recorded.rawValue)),
      ("channel", .text(channel.description)), ("type", .text(type.name)),
      ("schema", VectorText(schema)), ("sections", .list(sections.map { VectorText($0) })),
      ("record", VectorText(hex: encoded)), ("salts", VectorText(sectionSalts)),
      ("commitments", VectorText(Self.commitments(header, count: sections.count))),
      ("header", VectorText(hex: header)),
      ("id", VectorText(id(book: book, salts: eventSalts) ?? .zero)),
    ])
  }

  /// The last 32 bytes of the header for each section.
  private static func commitments(_ header: [UInt8], count: Int) -> [Digest256] {
    (0..<count).reversed().compactMap { place in
      Digest256(bytes: Array(header.dropLast(32 * place).suffix(32)))
    }
  }
}
