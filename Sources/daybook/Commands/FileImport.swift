internal import EventModel
internal import EventStorage
internal import InteractionLog

/// Takes files into a replica: adapts their messages, appends the events, keeps what is refused.
struct FileImport {
  let format: InputFormat
  let mappingPath: String?
  var source: String?
  var channel: Channel?

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
  }

  /// How far an import is.
  struct State {
    let bytesRead: UInt64
    let byteCount: UInt64?
    let rows: UInt64
  }

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
  func checkMapping() throws {}
  func run(paths: [String], into: ReplicaCore, progress: (State) -> Void) throws -> Outcome { Outcome() }
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
  /// "bytes_stored"}`; seconds are a decimal fraction.
  var value: Value {
    let seconds = Decimal64(coefficient: milliseconds, scale: 3).map(Value.decimal) ?? .null
    return .object(
      [Value.Field("read", .integer(Int64(clamping: read)))]
        + counts.map { Value.Field($0.name, .integer(Int64(clamping: $0.count))) }
        + [
          Value.Field("seconds", seconds),
          Value.Field("bytes_in", .integer(Int64(clamping: bytesIn))),
          Value.Field("bytes_stored", .integer(Int64(clamping: bytesStored))),
        ])
  }
}
