/// What went wrong with a replica, for people and programs.
///
/// Equality is by ``code``, so that callers can name the case they handle. The message says what
/// happened, where, and what to do; it never contains personal data.
public struct ReplicaError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A kind of failure. New codes may appear; the existing ones keep their names.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    enum Name: String, Sendable {
      case noStore = "no_store"
      case storeExists = "store_exists"
      case storeInUse = "store_in_use"
      case storeVersion = "store_version"
      case storeDamaged = "store_damaged"
      case permissionDenied = "permission_denied"
      case diskFull = "disk_full"
      case diskFault = "disk_fault"
      case logPoisoned = "log_poisoned"
      case eventTooLarge = "event_too_large"
      case otherBook = "other_book"
      case peerRefused = "peer_refused"
      case viewsFault = "views_fault"
      case notFound = "not_found"
      case badRequest = "bad_request"
      case notGranted = "not_granted"
      case noBookSecret = "no_book_secret"
      case badInvitation = "bad_invitation"
      case noBackup = "no_backup"
      case noLedger = "no_ledger"
      case backupDamaged = "backup_damaged"
      case internalFault = "internal_fault"
    }

    let name: Name

    /// No store lies at the place named.
    public static let noStore = Code(name: .noStore)
    /// A store lies already where one was to be made.
    public static let storeExists = Code(name: .storeExists)
    /// Another process has the store open.
    public static let storeInUse = Code(name: .storeInUse)
    /// The store was written by another version of the format.
    public static let storeVersion = Code(name: .storeVersion)
    /// The store's bytes are damaged.
    public static let storeDamaged = Code(name: .storeDamaged)
    /// The operating system does not permit it.
    public static let permissionDenied = Code(name: .permissionDenied)
    /// The disk has no room left.
    public static let diskFull = Code(name: .diskFull)
    /// The disk failed.
    public static let diskFault = Code(name: .diskFault)
    /// An earlier write failed; nothing more is acknowledged until the store is opened again.
    public static let logPoisoned = Code(name: .logPoisoned)
    /// An event exceeds 1 MiB.
    public static let eventTooLarge = Code(name: .eventTooLarge)
    /// The peer is a replica of another book.
    public static let otherBook = Code(name: .otherBook)
    /// The peer broke off or broke the protocol.
    public static let peerRefused = Code(name: .peerRefused)
    /// The read models could not be read or written.
    public static let viewsFault = Code(name: .viewsFault)
    /// Nothing by that name is held.
    public static let notFound = Code(name: .notFound)
    /// The request itself cannot be right.
    public static let badRequest = Code(name: .badRequest)
    /// This replica lacks the role that the act needs.
    public static let notGranted = Code(name: .notGranted)
    /// This store was not given the book's secret, without which nothing is erased.
    public static let noBookSecret = Code(name: .noBookSecret)
    /// An invitation that this replica did not give, or that is used, expired or of another book.
    public static let badInvitation = Code(name: .badInvitation)
    /// No whole generation of a backup lies at the place named.
    public static let noBackup = Code(name: .noBackup)
    /// A backup whose erasure ledger is gone, so that whoever was erased would come back.
    public static let noLedger = Code(name: .noLedger)
    /// A backup's bytes are damaged.
    public static let backupDamaged = Code(name: .backupDamaged)
    /// A mistake of Daybook's own.
    public static let internalFault = Code(name: .internalFault)

    /// The code in lower case, as JSON carries it.
    public var description: String { name.rawValue }

    /// The process exit code that goes with it: 1 nothing found, 2 wrong usage, 4 store damaged, 5
    /// peer, 70 a fault of ours or of the machine.
    public var exitCode: Int32 {
      switch name {
      case .notFound: 1
      case .noStore, .storeExists, .storeInUse, .storeVersion, .permissionDenied, .badRequest,
        .notGranted, .noBookSecret, .badInvitation, .noBackup, .noLedger:
        2
      case .eventTooLarge: 3
      case .storeDamaged, .backupDamaged: 4
      case .otherBook, .peerRefused: 5
      case .diskFull, .diskFault, .logPoisoned, .viewsFault, .internalFault: 70
      }
    }
  }

  /// The kind of failure.
  public let code: Code
  /// What happened and what to do about it, in one line.
  public let message: String
  /// Where it happened: a path, a file and an offset, a line.
  public let location: String?

  /// An error from its parts.
  public init(_ code: Code, _ message: String, location: String? = nil) {
    self.code = code
    self.message = message
    self.location = location
  }

  /// Equal when the codes are.
  public static func == (left: ReplicaError, right: ReplicaError) -> Bool {
    left.code == right.code
  }

  /// The message, with its place.
  public var description: String { location.map { "\($0): \(message)" } ?? message }
}
