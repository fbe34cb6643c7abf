#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A thread for long work that gives way to the threads somebody waits for.
///
/// On Linux its niceness is 5, so beside a busy thread it gets about a quarter of a core, and all of
/// one that is idle; on Darwin its quality of service is "utility". Dispatch has no such threads on
/// Linux, and lends those it has to others afterwards.
package enum BackgroundThread {
  /// Runs `body` on a new thread, or on this one when the system gives no more.
  package static func start(_ body: @escaping @Sendable () -> Void) {
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let work = unsafe Unmanaged.passRetained(Work(body))
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

  fileprivate static func giveWay() {
    #if canImport(Glibc)
      // Of this thread alone: on Linux each has its own niceness (sched(7)).
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    #else
      _ = pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
    #endif
  }
}

/// What a thread is to do; a class because a C function gets it as a pointer.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

#if canImport(Glibc)
  private func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    BackgroundThread.giveWay()
    // `start` passed a retained `Work` and keeps no reference of its own.
    if let work = unsafe work { unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
    return nil
  }
#else
  private func run(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    BackgroundThread.giveWay()
    // `start` passed a retained `Work` and keeps no reference of its own.
    unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
    return nil
  }
#endif
