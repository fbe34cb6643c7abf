internal import CustomerProfiles
internal import EventModel
internal import Foundation
internal import InteractionLog

/// One of the demonstration's replicas, with its place in the story.
struct DemoReplica {
  /// What it is called.
  let name: String
  /// Where it is, in a few words.
  let place: String
  /// The files it takes in.
  let samples: [DemoSample]
  /// The identifier by which it knows the customer before it has met the others.
  let knows: Identifier
  /// The open replica.
  let core: ReplicaCore

  /// What it answers about the customer with this identifier, without the moment of the answer.
  ///
  /// - Parameter identifier: One of the customer's identifiers.
  /// - Returns: The profile's JSON form, or nothing when it knows nobody by it.
  /// - Throws: ``ReplicaError``.
  func profile(of identifier: Identifier) throws -> Value? {
    try core.catchUp()
    let profile = try core.profile(of: .identifier(identifier))
    return profile?.value(nowMilliseconds: DemoSamples.today, asOf: "the demonstration")
  }

  /// Takes in its samples, from files as they would arrive.
  ///
  /// - Parameters:
  ///   - directory: Where the files are put.
  ///   - report: Hears what became of each.
  /// - Throws: ``ReplicaError``, ``CommandError``.
  func takeIn(from directory: String, report: (DemoSample, FileImport.Outcome) -> Void) throws {
    for sample in samples {
      let path = "\(directory)/\(sample.name)"
      try (sample.text + "\n").write(toFile: path, atomically: false, encoding: .utf8)
      var mappingPath: String?
      if let mapping = sample.mapping {
        let path = "\(directory)/\(sample.name).yaml"
        try (mapping + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        mappingPath = path
      }
      guard let format = InputFormat(rawValue: sample.format) else { continue }
      let work = FileImport(format: format, mappingPath: mappingPath)
      report(sample, try work.run(paths: [path], into: core))
    }
  }
}
