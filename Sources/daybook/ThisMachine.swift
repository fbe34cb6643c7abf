internal import InteractionLog

extension ReplicaEnvironment {
  /// The real world: this machine's disk, clock and random number generator.
  static let thisMachine = ReplicaEnvironment(
    wallMilliseconds: wallClockMilliseconds,
    randomWord: {
      var generator = SystemRandomNumberGenerator()
      return generator.next()
    })
}
