internal import Dispatch

/// Runs a replica's blocking disk work on a thread outside the cooperative pool.
///
/// The pool has as many threads as the machine has cores; an fdatasync there would stop everyone.
final class LogExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // The job runs once, on the queue that is this executor, as `enqueue` promises.
    queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Runs `body` behind what is enqueued, without a task of its own.
  func run(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

  /// Whoever is on the queue is isolated to the actor.
  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
