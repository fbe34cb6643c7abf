public import EventModel
internal import EventStorage
public import HybridTime
internal import Synchronization

/// One replica of a book, for applications: append, ask, from any task.
///
/// A thin actor over the synchronous core. Its work runs on a thread of its own, so a slow disk
/// stops nobody else. Appends that arrive while a batch is being made durable form the next batch,
/// so many writers share one fdatasync. While it is open, segments are compacted beside that.
public actor Replica {
  private let executor: LogExecutor
  private let core: ReplicaCore
  /// Appends for the next batch. Whoever adds the first one asks for it to be written.
  ///
  /// A mutex, not the actor, guards them: an append that enters the actor and leaves it again changes
  /// threads three times where this takes two.
  private let waiting = Mutex<[Waiting]>([])

  private struct Waiting {
    let drafts: [EventDraft]
    let continuation: CheckedContinuation<[AppendResult], any Error>
  }

  /// What became of an interaction.
  public enum AppendResult: Hashable, Sendable {
    /// It is in the log under this name.
    case appended(Dot)
    /// It was there already, under this name; nothing was appended.
    case duplicate(of: Dot)
    /// It is in the log under this name; what it says of a person who was erased is erased.
    case erased(Dot)
    /// It was erased before; nothing was appended.
    case erasedBefore
    /// Its idempotency key was there with other content. Both are kept; this is the new one's name.
    case conflict(Dot)
  }

  /// The replica's own thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    // The executor lives as long as the actor that holds it.
    unsafe executor.asUnownedSerialExecutor()
  }

  private init(executor: LogExecutor, core: sending ReplicaCore) {
    self.executor = executor
    self.core = core
  }

  /// Opens the replica in a directory.
  ///
  /// - Parameters:
  ///   - directory: A store that ``make(at:label:environment:)`` or `daybook init` made.
  ///   - environment: Clock and randomness.
  /// - Returns: The replica; it has the store to itself until it is closed or let go.
  /// - Throws: ``ReplicaError``.
  public static func open(
    at directory: String, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> Replica {
    let replica = Replica(
      executor: LogExecutor(label: "daybook.replica"),
      core: try ReplicaCore.open(at: directory, environment: environment))
    replica.keepTended()
    return replica
  }

  /// Makes a new book and its first replica.
  ///
  /// - Parameters:
  ///   - directory: Where the store shall lie; it must not hold one yet, its parent must exist.
  ///   - label: What people call this replica; may be empty.
  ///   - environment: Clock and randomness.
  /// - Returns: The open replica.
  /// - Throws: ``ReplicaError``.
  public static func make(
    at directory: String, label: String = "", environment: ReplicaEnvironment
  ) throws(ReplicaError) -> Replica {
    let replica = Replica(
      executor: LogExecutor(label: "daybook.replica"),
      core: try ReplicaCore.create(at: directory, label: label, environment: environment))
    replica.keepTended()
    return replica
  }

  /// Appends interactions and returns once they are durable.
  ///
  /// - Parameter drafts: At most 1 MiB each.
  /// - Returns: What became of each, in the order given.
  /// - Throws: ``ReplicaError``; then none of them is acknowledged.
  /// - Complexity: O(encoded bytes), and a share of one fdatasync.
  public nonisolated func append(_ drafts: [EventDraft]) async throws -> [AppendResult] {
    try await withCheckedThrowingContinuation { continuation in
      let isFirst = waiting.withLock { waiting in
        waiting.append(Waiting(drafts: drafts, continuation: continuation))
        return waiting.count == 1
      }
      guard isFirst else { return }
      executor.run { self.assumeIsolated { $0.flush() } }
    }
  }

  private func flush() {
    let batch = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    do {
      var outcomes = try core.append(batch.flatMap(\.drafts))[...]
      for member in batch {
        member.continuation.resume(
          returning: outcomes.prefix(member.drafts.count).map(AppendResult.init))
        outcomes = outcomes.dropFirst(member.drafts.count)
      }
    } catch {
      for member in batch { member.continuation.resume(throwing: error) }
    }
  }

  /// Has the segments tended until the replica is closed or let go.
  private nonisolated func keepTended() {
    executor.run { [weak self] in self?.assumeIsolated { $0.tend() } }
  }

  private func tend() {
    do {
      try core.tend { [weak self] in self?.keepTended() }
    } catch {
      // The log is closed, or takes nothing more: the next append says so.
    }
  }

  /// Closes the store. Appends after this fail; what was acknowledged is safe either way. A compaction
  /// that is under way is given up.
  ///
  /// - Throws: ``ReplicaError``.
  public func close() throws { try core.close() }
}

extension Replica.AppendResult {
  init(_ outcome: AppendOutcome) {
    switch outcome {
    case .appended(let dot, _): self = .appended(dot)
    case .duplicate(_, let dot): self = .duplicate(of: dot)
    case .conflict(let dot, _, _): self = .conflict(dot)
    case .erased(let dot, _): self = .erased(dot)
    case .erasedBefore: self = .erasedBefore
    }
  }
}
