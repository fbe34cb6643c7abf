internal import ChannelAdapters
internal import EventModel
internal import EventStorage
internal import Foundation
internal import ImportFiles
internal import InteractionLog

/// Takes files into a replica: adapts their messages, appends the events, keeps what is refused.
struct FileImport {
  let format: InputFormat
  let mappingPath: String?
  var source: String?
  var channel: Channel?
  /// Whether refused messages become dead letters; not when they are some already.
  var keepsRefused = true
  /// Whether batches need not be durable one by one: then they are when there are enough of them for
  /// a segment, when the input pauses, and at the end.
  var stages = false

  /// What an import did.
  struct Outcome {
    var read: UInt64 = 0
    var appended: UInt64 = 0
    var duplicates: UInt64 = 0
    var conflicts: UInt64 = 0
    var erased: UInt64 = 0
    var refused: UInt64 = 0
    var milliseconds: Int64 = 0
    var bytesIn: UInt64 = 0
    var bytesStored: UInt64 = 0
    /// Values that were not taken as facts because they look like a person's, by field.
    var keptBack: [KeptBackFact: Int] = [:]
  }

  /// From how many new events on an import ends by sealing them, so that they are stored compressed
  /// and `bytes_stored` says what they take.
  private static let sealedCountMin: UInt64 = 8192

  /// An import without more said about its messages.
  init(format: InputFormat, mappingPath: String?) {
    self.format = format
    self.mappingPath = mappingPath
  }

  /// An import as the options say.
  init(options: InputOptions) {
    self.init(format: options.format, mappingPath: options.mapping)
    source = options.source
    channel = options.channel?.channel
  }

  /// Reads the mapping file, when there is one.
  ///
  /// - Parameter catalogue: The event types with their facts.
  /// - Returns: The format as the pipeline wants it.
  /// - Throws: ``CommandError`` naming the mapping's line.
  func pipelineFormat(_ catalogue: EventCatalogue) throws -> ImportFormat {
    switch format {
    case .cloudevents: .cloudEvents
    case .segment: .segment
    case .csv: .csv(try mapping(catalogue))
    case .ndjson: .ndjson(try mapping(catalogue))
    }
  }

  /// Takes in `paths`, one after the other.
  ///
  /// - Parameters:
  ///   - paths: Files, or `-` for standard input.
  ///   - replica: Where the events go, and what is refused.
  ///   - observe: Hears of each batch, with what became of its drafts: when it is durable, unless
  ///     batches are staged.
  /// - Returns: The counts.
  /// - Throws: ``ReplicaError``, ``CommandError`` and the pipeline's faults; all before the fault
  ///   is in.
  func run(
    paths: [String], into replica: ReplicaCore,
    observe: (ImportBatch, [AppendOutcome]) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    let catalogue = try replica.catalogue()
    let pipeline = ImportPipeline(
      format: try pipelineFormat(catalogue),
      context: AdapterContext(source: source, channel: channel),
      wallMilliseconds: wallClockMilliseconds(), catalogue: catalogue)
    let clock = ContinuousClock()
    let start = clock.now
    let bytesBefore = try replica.statistics().log.bytes.total
    var outcome = Outcome()
    var bytesRead: [Int: Int] = [:]
    do {
      try pipeline.run(paths: paths) { batch in
        let results = stages ? try replica.stage(batch.drafts) : try replica.append(batch.drafts)
        if keepsRefused { _ = try replica.deadLetters.add(batch.deadLetters) }
        outcome.count(batch, results)
        bytesRead[batch.inputIndex] = batch.bytesRead
        try observe(batch, results)
      } pause: {
        try replica.flush()
      }
      try replica.flush()
    } catch {
      // What came before the fault stays.
      try replica.flush()
      throw (error as? MappingFault).map(mappingError) ?? error
    }
    if outcome.appended >= Self.sealedCountMin { try replica.seal() }
    outcome.bytesIn = UInt64(bytesRead.values.reduce(0, +))
    let bytesAfter = try replica.statistics().log.bytes.total
    outcome.bytesStored = bytesAfter > bytesBefore ? bytesAfter - bytesBefore : 0
    outcome.milliseconds = (clock.now - start).milliseconds
    return outcome
  }

  private func mapping(_ catalogue: EventCatalogue) throws -> RowMapping {
    let path = mappingPath ?? ""
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw CommandError(
        code: "mapping", "the mapping file cannot be read as UTF-8 text; check its path", at: path,
        status: .usage)
    }
    do {
      return try MappingFile.parse(text, catalogue: catalogue)
    } catch {
      throw mappingError(error)
    }
  }

  private func mappingError(_ fault: MappingFault) -> CommandError {
    CommandError(
      code: "mapping", fault.message, at: "\(mappingPath ?? ""):\(fault.line)", status: .usage)
  }
}

extension FileImport.Outcome {
  /// Adds what became of one batch.
  mutating func count(_ batch: ImportBatch, _ results: [AppendOutcome]) {
    read += UInt64(batch.messageCount)
    refused += UInt64(batch.deadLetters.count)
    keptBack.merge(batch.keptBack, uniquingKeysWith: +)
    for result in results {
      switch result {
      case .appended: appended += 1
      case .duplicate: duplicates += 1
      case .conflict: conflicts += 1
      case .erased, .erasedBefore: erased += 1
      }
    }
  }
}

extension LogByteCounts {
  /// Everything the log takes on disk.
  fileprivate var total: UInt64 { content + indexes + proofs + writeAheadLog + other }
}

extension FileImport.Outcome {
  /// The counts by name, in the order in which JSON has them.
  var counts: [(name: String, count: UInt64)] {
    [
      ("appended", appended), ("duplicates", duplicates), ("conflicts", conflicts),
      ("erased", erased), ("refused", refused),
    ]
  }

  /// `{"read","appended","duplicates","conflicts","erased","refused","seconds","bytes_in",
  /// "bytes_stored","kept_back"}`; seconds are a decimal fraction.
  var value: Value {
    let seconds = Decimal64(coefficient: milliseconds, scale: 3).map(Value.decimal) ?? .null
    return .object(
      [Value.Field("read", .integer(Int64(clamping: read)))]
        + counts.map { Value.Field($0.name, .integer(Int64(clamping: $0.count))) }
        + [
          Value.Field("seconds", seconds),
          Value.Field("bytes_in", .integer(Int64(clamping: bytesIn))),
          Value.Field("bytes_stored", .integer(Int64(clamping: bytesStored))),
          Value.Field("kept_back", .array(keptBackFields.map(\.value))),
        ])
  }

  /// The fields whose values were kept back, in order.
  var keptBackFields: [CountedField] {
    keptBack.sorted { $0.key < $1.key }.map { CountedField(field: $0.key, count: $0.value) }
  }
}
