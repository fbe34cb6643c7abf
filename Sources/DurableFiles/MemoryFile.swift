internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// An open file of a ``MemoryFileSystem``; of no use after a crash.
final class MemoryFile: DurableFile {
  let path: String
  private let number: Int
  private let age: Int
  private let system: MemoryFileSystem

  init(path: String, number: Int, age: Int, system: MemoryFileSystem) {
    self.path = path
    self.number = number
    self.age = age
    self.system = system
  }

  func read(count: Int, at offset: UInt64) throws(FileFault) -> [UInt8] {
    try use(.read) { disk throws(FileFault) in
      let bytes = disk.files[number].current
      let start = Int(min(offset, UInt64(bytes.count)))
      return [UInt8](bytes[start..<min(bytes.count, start + count)])
    }
  }

  func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(FileFault) {
    // Spans cannot be captured, so the bytes are copied first.
    let bytes = copy(of: bytes)
    try use(.write) { disk throws(FileFault) in
      let end = offset.addingReportingOverflow(UInt64(bytes.count))
      guard !end.overflow, end.partialValue <= UInt64(MemoryDisk.fileBytesMax) else {
        throw FileFault(.write, path, errorNumber: EFBIG)
      }
      if disk.takeShortWrite() {
        disk.changeFile(number, .write(Int(offset), [UInt8](bytes.prefix(bytes.count / 2))))
        throw FileFault(.write, path, errorNumber: ENOSPC)
      }
      disk.changeFile(number, .write(Int(offset), bytes))
    }
  }

  func byteCount() throws(FileFault) -> UInt64 {
    try use(.measure) { disk throws(FileFault) in UInt64(disk.files[number].current.count) }
  }

  func truncate(to byteCount: UInt64) throws(FileFault) {
    try use(.truncate) { disk throws(FileFault) in
      guard byteCount <= UInt64(MemoryDisk.fileBytesMax) else {
        throw FileFault(.truncate, path, errorNumber: EFBIG)
      }
      disk.changeFile(number, .truncate(Int(byteCount)))
    }
  }

  func syncData() throws(FileFault) {
    try use(.sync) { disk throws(FileFault) in
      disk.syncFile(number)
    }
  }

  private func use<Answer: Sendable>(
    _ operation: FileFault.Operation,
    _ body: (inout MemoryDisk) throws(FileFault) -> Answer
  ) throws(FileFault) -> Answer {
    try system.disk.withLock { disk throws(FileFault) in
      guard disk.age == age else { throw FileFault(operation, path, errorNumber: EIO) }
      do throws(FileFault) {
        try disk.begin(operation, path)
      } catch {
        if operation == .sync, !disk.isStopped { disk.files[number].loseUnsynced() }
        throw error
      }
      return try body(&disk)
    }
  }
}

private func copy(of bytes: Span<UInt8>) -> [UInt8] {
  // The pointer is used only inside the closure and the buffer covers exactly the span.
  unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
}
