internal import CustomerProfiles
internal import EventStorage
internal import InteractionLog

extension MomentOptions {
  /// The moment the options mean.
  func resolve(in replica: ReplicaCore) throws -> Moment { .now }
}

extension RecoveryReport {
  var remark: String? { nil }
}
