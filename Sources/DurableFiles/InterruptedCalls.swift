#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

// Signals interrupt system calls, and a disk may take fewer bytes than it is given. Neither is a fault:
// here both end, and no layer above meets them.

/// Repeats a call while a signal interrupts it.
///
/// - Parameter call: A system call that returns 0 or sets `errno`.
/// - Returns: 0, or the error number, which is never `EINTR`.
package func repeatingInterrupted(_ call: () -> Int32) -> Int32 {
  while true {
    if call() == 0 { return 0 }
    if errno != EINTR { return errno }
  }
}

/// Transfers bytes by as many calls as it takes: short ones are continued, interrupted ones repeated.
///
/// - Parameters:
///   - count: How many bytes to transfer.
///   - call: A system call for all bytes behind those that are done, whose number it gets: returns how
///     many more are done, 0 when there are no more, or -1 with `errno` set.
/// - Returns: How many were transferred, and 0 or the error number, which is never `EINTR`.
package func transferring(
  _ count: Int, _ call: (_ done: Int) -> Int
) -> (done: Int, errorNumber: Int32) {
  var done = 0
  while done < count {
    let result = call(done)
    if result == 0 { break }
    if result > 0 {
      done += result
    } else if errno != EINTR {
      return (done, errno)
    }
  }
  return (done, 0)
}
