internal import MerkleProofs

// The document of a schema, as people may write it:
//
//   schema := "daybook schema 0", TYPE, fact*, stage?, upcast*
//   fact   := NAME KIND [BOUNDS]
//   stage  := "@stage" STAGE | "@stage none"
//   upcast := "@from" DIGEST, step*
//
// Source: docs/format/documents.md §3.

extension EventSchema {
  /// The most facts of a schema.
  public static let factCountMax = 256
  /// The most older schemas that one says how to read.
  public static let upcastCountMax = 64

  /// Reads the document of a schema.
  ///
  /// Where it says no stage, the type keeps the stage and the names that the built-in catalogue has.
  ///
  /// - Parameter text: The document, canonical or as people write it; ``document`` is canonical.
  /// - Throws: ``DocumentFault`` with the line of the first mistake and its remedy.
  /// - Complexity: O(bytes × log).
  public init(document text: String) throws(DocumentFault) {
    let body = try DocumentLines(text).body(ofKind: "schema")
    guard let first = body.first else {
      throw DocumentFault("the event type is missing; write one such as visit.rated", line: 2)
    }
    guard let type = EventType(first.keyword), !type.isControl, first.words.count == 1 else {
      throw first.fault(
        "this is no event type; write a dotted lower-case name such as visit.rated, and none that"
          + " Daybook keeps for the book itself")
    }
    var reading = SchemaReading()
    for line in body.dropFirst() { try reading.take(line) }
    let known =
      EventCatalogue.builtIn.contains(type)
      ? EventCatalogue.builtIn.entry(for: type).schema : nil
    self.init(
      type: type, segmentNames: known?.segmentNames ?? [],
      stage: reading.statesStage ? reading.stage : known?.stage,
      statesStage: reading.statesStage, facts: reading.facts, upcasts: reading.finished)
  }
}

/// A schema's document, read up to a line.
private struct SchemaReading {
  var facts: [EventSchema.Fact] = []
  var stage: JourneyStage?
  var statesStage = false
  private var names: Set<String> = []
  private var sources: Set<Digest256> = []
  private var upcasts: [EventSchema.Upcast] = []
  private var open: (source: Digest256, steps: [UpcastStep])?

  /// All upcasts, the last one included.
  var finished: [EventSchema.Upcast] {
    upcasts + (open.map { [EventSchema.Upcast(from: $0.source, steps: $0.steps)] } ?? [])
  }

  mutating func take(_ line: DocumentLines.Line) throws(DocumentFault) {
    switch line.keyword {
    case "@stage": try takeStage(line)
    case "@from": try takeSource(line)
    default:
      if open != nil {
        open?.steps.append(try UpcastStep(line))
      } else {
        try takeFact(line)
      }
    }
  }

  private mutating func takeStage(_ line: DocumentLines.Line) throws(DocumentFault) {
    let name = try line.word(1, "the stage")
    try line.expect(count: 2)
    stage = JourneyStage(rawValue: name)
    guard stage != nil || name == "none", !statesStage, open == nil else {
      let stages = JourneyStage.allCases.map(\.rawValue).joined(separator: ", ")
      throw line.fault("write one @stage, before any @from: \(stages) or none")
    }
    statesStage = true
  }

  private mutating func takeSource(_ line: DocumentLines.Line) throws(DocumentFault) {
    let text = try line.word(1, "the digest of the older schema")
    try line.expect(count: 2)
    guard let source = Digest256(text: text), sources.insert(source).inserted else {
      throw line.fault(
        "@from takes the digest of an older schema, 64 lowercase digits, each once;"
          + " 'daybook documents list' shows them")
    }
    guard sources.count <= EventSchema.upcastCountMax else {
      throw line.fault("a schema reads at most \(EventSchema.upcastCountMax) older ones")
    }
    upcasts = finished
    open = (source, [])
  }

  private mutating func takeFact(_ line: DocumentLines.Line) throws(DocumentFault) {
    let name = line.keyword
    guard DocumentLines.isName(name) else {
      throw line.fault("a fact's name has 1 to 64 letters, digits, '_' or '-'")
    }
    guard let kind = FactKind(rawValue: try line.word(1, "the kind of the fact")) else {
      throw line.fault(
        "the kind of a fact is text, integer, decimal, money, boolean, time or lines")
    }
    var bounds = FactBounds.none
    if line.words.count > 2 {
      guard let stated = FactBounds(try line.word(2, "the bounds"), kind: kind) else {
        throw line.fault(
          "bounds are MIN..MAX of whole numbers, or ..BYTES up to 256 of a text; times, booleans"
            + " and lines have none")
      }
      bounds = stated
    }
    try line.expect(count: 3)
    guard names.insert(name).inserted else { throw line.fault("a fact stands here twice") }
    guard facts.count < EventSchema.factCountMax else {
      throw line.fault("a schema has at most \(EventSchema.factCountMax) facts")
    }
    facts.append(EventSchema.Fact(name: name, kind: kind, bounds: bounds))
  }
}
