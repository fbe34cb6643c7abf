package import BookRules
internal import DurableFiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import MerkleProofs

extension ReplicaCore {
  /// Makes a new book and its first replica.
  ///
  /// - Parameters:
  ///   - directory: Where the store shall lie; it must not hold one yet, its parent must exist.
  ///   - label: What people call this replica; may be empty.
  ///   - environment: The world.
  /// - Returns: The open replica.
  /// - Throws: ``ReplicaError``.
  package static func create(
    at directory: String, label: String, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ReplicaCore {
    try create(
      at: directory, founding: nil, secret: environment.makeSeed().bytes, label: label,
      environment: environment)
  }

  /// Makes another replica of a peer's book, empty until it syncs, and gives it the book's secret.
  ///
  /// Its events count on a replica that holds its grant, so its first sync comes before its work.
  ///
  /// - Parameters:
  ///   - directory: Where the store shall lie; it must not hold one yet, its parent must exist.
  ///   - label: What people call this replica; may be empty.
  ///   - peer: An open replica of the book.
  ///   - roles: What the new replica may do; granted by the peer if that may, else by nobody yet.
  ///   - environment: The world.
  /// - Returns: The open replica.
  /// - Throws: ``ReplicaError``.
  package static func join(
    at directory: String, label: String, peer: ReplicaCore, roles: RoleSet = RoleSet(.append),
    environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ReplicaCore {
    let replica = try create(
      at: directory, founding: peer.identity.founding, secret: peer.bookSecretBytes(), label: label,
      environment: environment)
    if try peer.ownRoles().contains(.admin) {
      try peer.grant(roles, to: replica.identity.origin.key, label: label)
    }
    return replica
  }

  /// Makes another replica of a peer's book with the roles of an invitation, which is used up; else
  /// like ``join(at:label:peer:roles:environment:)``.
  ///
  /// - Parameters:
  ///   - directory: Where the store shall lie; it must not hold one yet, its parent must exist.
  ///   - label: What people call this replica; may be empty.
  ///   - peer: The open replica that invited.
  ///   - invitation: The code it gave away.
  ///   - environment: The world.
  /// - Returns: The open replica.
  /// - Throws: ``ReplicaError``: ``ReplicaError/Code/badInvitation`` or
  ///   ``ReplicaError/Code/notGranted``; nothing is made then.
  package static func join(
    at directory: String, label: String, peer: ReplicaCore, invitation: InvitationCode,
    environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ReplicaCore {
    try peer.check(invitation)
    let replica = try create(
      at: directory, founding: peer.identity.founding, secret: peer.bookSecretBytes(), label: label,
      environment: environment)
    try peer.accept(invitation, from: replica.identity.origin.key, label: label)
    return replica
  }

  private static func create(
    at directory: String, founding: BookFounding?, secret bookSecret: [UInt8]?, label: String,
    environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ReplicaCore {
    let files = environment.fileSystem
    try ReplicaError.translating {
      try files.makeDirectory(directory)
      try files.makeDirectory(directory + "/keys")
    }
    let (secret, key) = try environment.makeDeviceKey()
    let identity = LogIdentity(
      founding: founding ?? environment.makeFounding(owner: key),
      origin: OriginID(incarnation: environment.randomWord(), key: key), label: label)
    // The manifest comes last: a directory without one is not a store, whatever else it holds.
    try ReplicaError.translating {
      guard try !files.exists(directory + "/MANIFEST") else {
        throw ReplicaError(
          .storeExists, "a store lies here already; choose another directory",
          location: directory)
      }
      try files.replaceFile(directory + "/keys/device", with: secret)
      if let bookSecret {
        try files.replaceFile(directory + bookSecretPath, with: bookSecret)
      }
      try EventLog.create(at: directory, identity: identity, fileSystem: files)
      try files.syncDirectory(parentDirectory(of: directory))
    }
    return try open(at: directory, environment: environment)
  }

  /// Opens a store, recovering what a crash left behind.
  ///
  /// - Parameters:
  ///   - directory: The store's directory.
  ///   - environment: The world.
  /// - Returns: The open replica.
  /// - Throws: ``ReplicaError``: no store, in use elsewhere, another version, damaged.
  package static func open(
    at directory: String, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ReplicaCore {
    let log = try ReplicaError.translating {
      guard try environment.fileSystem.exists(directory + "/MANIFEST") else {
        throw ReplicaError(
          .noStore,
          "no store here; make one with 'daybook init --store DIR', or name one with --store",
          location: directory)
      }
      let path = directory + "/keys/device"
      let device =
        try environment.fileSystem.exists(path)
        ? DeviceSecret(seed: environment.fileSystem.readFile(path, byteCountMax: 32)) : nil
      var options = LogOptions()
      options.sealSchedule = environment.sealSchedule
      options.compactionSchedule = environment.compactionSchedule
      return try EventLog.open(
        at: directory, fileSystem: environment.fileSystem, options: options, device: device,
        makeSeed: environment.makeSeed)
    }
    return try ReplicaCore(
      directory: directory, environment: environment, log: log,
      secret: bookSecretBytes(of: directory, environment.fileSystem).flatMap {
        BookSecret(bytes: $0)
      })
  }

  private static let bookSecretPath = "/keys/book"

  /// The book's secret as a replica that joins gets it; nothing in a store without one.
  func bookSecretBytes() throws(ReplicaError) -> [UInt8]? {
    try Self.bookSecretBytes(of: directory, environment.fileSystem)
  }

  private static func bookSecretBytes(
    of directory: String, _ files: any FileSystem
  ) throws(ReplicaError) -> [UInt8]? {
    try ReplicaError.translating {
      let path = directory + bookSecretPath
      guard try files.exists(path) else { return nil }
      return try files.readFile(path, byteCountMax: BookSecret.byteCount + 1)
    }
  }
}
