#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A thread for long work that gives way to the threads somebody waits for.
///
/// Each has a niceness of its own on Linux, and a quality of service on Darwin. Dispatch has no such
/// threads on Linux, and lends those it has to others afterwards.
package enum BackgroundThread {
  /// How far a thread gives way.
  package enum Priority: Sendable {
    /// Somebody will wait for it before long: niceness 5, a quarter of a core beside a busy thread.
    case soon
    /// Nobody waits for it: niceness 15, a thirtieth of a core beside a busy thread.
    case whenIdle
  }

  /// Runs `body` on a new thread, or on this one when the system gives no more.
  ///
  /// - Parameters:
  ///   - priority: How far it gives way; an idle core is its own in any case.
  ///   - body: The work.
  package static func start(
    _ priority: Priority = .soon, _ body: @escaping @Sendable () -> Void
  ) {
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let work = unsafe Unmanaged.passRetained(Work(priority, body))
    // The one reference that was retained here is taken by whoever runs the work: the new thread, or
    // this one if there is none. `thread` is written before the call returns.
    let code = unsafe pthread_create(&thread, nil, run, unsafe work.toOpaque())
    guard code == 0 else { return unsafe work.takeRetainedValue().body() }
    #if canImport(Glibc)
      _ = pthread_detach(thread)
    #else
      if let thread = unsafe thread { _ = unsafe pthread_detach(thread) }
    #endif
  }

}

/// What a thread is to do; a class because a C function gets it as a pointer.
private final class Work: Sendable {
  private let priority: BackgroundThread.Priority
  let body: @Sendable () -> Void

  init(_ priority: BackgroundThread.Priority, _ body: @escaping @Sendable () -> Void) {
    self.priority = priority
    self.body = body
  }

  /// Does the work on the thread that was made for it.
  func run() {
    #if canImport(Glibc)
      // Of this thread alone: on Linux each has its own niceness (sched(7)).
      let niceness: CInt = priority == .soon ? 5 : 15
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    #else
      _ = pthread_set_qos_class_self_np(
        priority == .soon ? QOS_CLASS_UTILITY : QOS_CLASS_BACKGROUND, 0)
    #endif
    body()
  }
}

#if canImport(Glibc)
  private func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // `start` passed a retained `Work` and keeps no reference of its own.
    if let work = unsafe work { unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run() }
    return nil
  }
#else
  private func run(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    // `start` passed a retained `Work` and keeps no reference of its own.
    unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run()
    return nil
  }
#endif
