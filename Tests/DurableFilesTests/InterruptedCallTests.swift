import DurableFiles
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite("Interrupted and short system calls are nobody's concern")
struct InterruptedCallTests {
  @Test("A call is repeated until no signal interrupts it; other errors are told")
  func repeats() {
    var results: [(Int32, Int32)] = [(-1, EINTR), (-1, EINTR), (0, 0)]
    let call = {
      let (result, number) = results.removeFirst()
      errno = number
      return result
    }
    #expect(repeatingInterrupted(call) == 0)
    #expect(results.isEmpty)
    results = [(-1, EINTR), (-1, EIO), (0, 0)]
    #expect(repeatingInterrupted(call) == EIO)
    #expect(results.count == 1)
  }

  @Test("A transfer goes on behind what was done, through short and interrupted calls")
  func transfers() {
    var results = [3, -1, 1, -1, 4]
    var starts: [Int] = []
    let (done, number) = transferring(8) { start in
      starts.append(start)
      errno = EINTR
      return results.removeFirst()
    }
    #expect(done == 8)
    #expect(number == 0)
    #expect(starts == [0, 3, 3, 4, 4])
  }

  @Test("A transfer that fails says so, one that ends says how far it came")
  func ends() {
    var calls = 0
    let failed = transferring(8) { _ in
      calls += 1
      errno = ENOSPC
      return calls == 1 ? 5 : -1
    }
    #expect(failed == (5, ENOSPC))
    let ended = transferring(8) { $0 == 0 ? 2 : 0 }
    #expect(ended == (2, 0))
  }
}
