internal import BinaryCoding
package import DurableFiles
internal import MerkleProofs

// dead-letters/letters, version 0: frames one after another, appended and never changed in place.
//
//   frame   := marker "DLQ0" 4 bytes, length u32, CRC-32C of the payload u32, payload
//   payload := kind u8, then by kind
//              1 letter   number varint, line varint, time signed varint, then length-prefixed:
//                         file, format, source, channel, code, reason, remedy, raw; then the
//                         length of the message as sent, varint
//              2 numbers  the first number that is free, varint
//
// A frame that is torn or damaged hides nothing behind it: reading goes on at the next marker.

/// A message that was not accepted, and why.
package struct DeadLetter: Hashable, Sendable {
  /// Its number in the queue, from 1; 0 before it is in one.
  package var number: UInt64 = 0
  /// The name of the file it came from, without its directory; `-` for standard input.
  package var file: String
  /// The line on which it began, from 1.
  package var line: Int
  /// The format it was read as.
  package var format: String
  /// The source that was given for the import, or empty.
  package var source: String
  /// The channel that was given for the import, or empty.
  package var channel: String
  /// Why it was refused, as a word.
  package var code: String
  /// Why it was refused, as a sentence that quotes nothing of it.
  package var reason: String
  /// What to do about it.
  package var remedy: String
  /// The message as it was sent; the first 64 KiB of one that is longer than 1 MiB.
  package let raw: [UInt8]
  /// How long the message was.
  package let rawByteCount: Int
  /// When it was refused, in milliseconds since 1970.
  package var milliseconds: Int64

  /// The longest message that is kept whole.
  package static let rawByteCountMax = 1 << 20

  /// What is kept of a longer one.
  package static let excerptByteCount = 64 << 10

  /// States a refusal.
  ///
  /// - Parameters:
  ///   - file: The name of the file it came from.
  ///   - line: The line on which it began, from 1.
  ///   - format: The format it was read as.
  ///   - source: The source that was given for the import, or empty.
  ///   - channel: The channel that was given for the import, or empty.
  ///   - code: Why, as a word.
  ///   - reason: Why, as a sentence.
  ///   - remedy: What to do about it.
  ///   - raw: As much of the message as is at hand.
  ///   - rawByteCount: How long the message was; nil if `raw` is all of it.
  ///   - milliseconds: When it was refused, since 1970.
  package init(
    file: String, line: Int, format: String, source: String, channel: String, code: String,
    reason: String, remedy: String, raw: [UInt8], rawByteCount: Int? = nil, milliseconds: Int64
  ) {
    self.file = file
    self.line = line
    self.format = format
    self.source = source
    self.channel = channel
    self.code = code
    self.reason = reason
    self.remedy = remedy
    self.raw =
      raw.count > Self.rawByteCountMax ? [UInt8](raw.prefix(Self.excerptByteCount)) : raw
    self.rawByteCount = rawByteCount ?? raw.count
    self.milliseconds = milliseconds
  }

  /// Whether all of the message is kept, so that it can be tried again.
  package var isWhole: Bool { raw.count == rawByteCount }

  /// What makes two refusals one: the same bytes at the same place of the same file.
  fileprivate var key: Digest256 {
    var writer = ByteWriter(capacity: raw.count + 64)
    writer.writeLengthPrefixed(file)
    writer.writeVarint(UInt64(max(0, line)))
    writer.writeLengthPrefixed(format)
    writer.write(raw)
    return Digest256.hash(writer.bytes)
  }
}

/// The messages of a store that were not accepted, until they are repaired or given up.
///
/// Invariants: a number is given once; a letter that ``add(_:)`` returned is durable; a letter that
/// was removed is gone from the disk: the file that held it is overwritten. Memory holds 64 bytes a letter, not the letters.
/// A class because it owns the file; the store's lock sees to it that there is one.
package final class DeadLetterQueue {
  private struct Place {
    let number: UInt64
    let key: Digest256
    let offset: UInt64
    let byteCount: Int
  }

  private let fileSystem: any FileSystem
  private let directory: String
  private var file: (any DurableFile)?
  private var places: [Place] = []
  private var keys: Set<Digest256> = []
  private var firstFreeNumber: UInt64 = 1
  private var end: UInt64 = 0

  /// How many bytes of the file are damaged; they are kept as they are.
  package private(set) var damagedByteCount: UInt64 = 0

  /// The numbers of the letters, ascending.
  package var numbers: [UInt64] { places.map(\.number) }

  /// How many letters there are.
  package var count: Int { places.count }

  /// Opens the queue of a store; makes nothing on disk before the first letter.
  ///
  /// - Parameters:
  ///   - directory: The queue's own directory; the store it lies in is locked by the caller.
  ///   - fileSystem: Where it lies.
  /// - Throws: ``FileFault``.
  package init(directory: String, fileSystem: any FileSystem) throws(FileFault) {
    self.fileSystem = fileSystem
    self.directory = directory
    try fileSystem.settleSubstitution(of: path)
    if try fileSystem.exists(nextPath) { try fileSystem.eraseFile(nextPath) }
    guard try fileSystem.exists(path) else { return }
    let file = try fileSystem.open(path, for: .updating)
    self.file = file
    end = try file.byteCount()
    try index(file)
  }

  private var path: String { directory + "/letters" }
  /// Where the file is written anew.
  private var nextPath: String { directory + "/letters.next" }

  /// Adds letters that are not in the queue yet, and returns once they are durable.
  ///
  /// - Parameter letters: Refused messages; the same bytes at the same place of the same file count once.
  /// - Returns: How many were added.
  /// - Throws: ``FileFault``; none of the letters then counts as added.
  package func add(_ letters: [DeadLetter]) throws(FileFault) -> Int {
    var writer = ByteWriter()
    var added: [Place] = []
    var addedKeys: Set<Digest256> = []
    for letter in letters {
      let key = letter.key
      guard !keys.contains(key), addedKeys.insert(key).inserted else { continue }
      var letter = letter
      letter.number = firstFreeNumber + UInt64(added.count)
      let start = writer.count
      Self.writeFrame(Self.payload(letter), to: &writer)
      added.append(
        Place(
          number: letter.number, key: key, offset: end + UInt64(start),
          byteCount: writer.count - start))
    }
    guard !added.isEmpty else { return 0 }
    let file = try openForWriting()
    try file.write(writer.bytes.span, at: end)
    try file.syncData()
    end += UInt64(writer.count)
    firstFreeNumber += UInt64(added.count)
    places += added
    keys.formUnion(addedKeys)
    return added.count
  }

  /// The letter with this number, or nil if there is none.
  ///
  /// - Parameter number: A number out of ``numbers``.
  /// - Returns: The letter as it was added, with its number.
  /// - Throws: ``FileFault``.
  package func letter(_ number: UInt64) throws(FileFault) -> DeadLetter? {
    guard let place = places.first(where: { $0.number == number }), let file else { return nil }
    let frame = try file.read(count: place.byteCount, at: place.offset)
    return Self.payload(ofFrame: frame).flatMap(Self.letter)
  }

  /// Removes letters physically: the file is written anew without them, and the old one overwritten.
  ///
  /// - Parameter settled: Numbers of letters that were accepted meanwhile, are given up, or are of
  ///   persons who were erased.
  /// - Throws: ``FileFault``; the letters may be gone from the queue and not yet from the disk, until
  ///   the store is opened again.
  /// - Complexity: O(file).
  package func remove(_ settled: Set<UInt64>) throws(FileFault) {
    guard let old = file, places.contains(where: { settled.contains($0.number) }) else { return }
    let file = try fileSystem.open(nextPath, for: .replacing)
    var writer = ByteWriter()
    Self.writeFrame(Self.payload(firstFreeNumber: firstFreeNumber), to: &writer)
    try file.write(writer.bytes.span, at: 0)
    var target = UInt64(writer.count)
    var source: UInt64 = 0
    for place in places where settled.contains(place.number) {
      target = try copy(source..<place.offset, of: old, to: file, at: target)
      source = place.offset + UInt64(place.byteCount)
    }
    target = try copy(source..<end, of: old, to: file, at: target)
    try file.syncData()
    try fileSystem.substitute(nextPath, for: path)
    self.file = file
    end = target
    try index(file)
    try fileSystem.settleSubstitution(of: path)
  }

  private func copy(
    _ range: Range<UInt64>, of source: any DurableFile, to target: any DurableFile, at start: UInt64
  ) throws(FileFault) -> UInt64 {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = Int(min(UInt64(1 << 20), range.upperBound - offset))
      let bytes = try source.read(count: count, at: offset)
      guard !bytes.isEmpty else { break }
      try target.write(bytes.span, at: start + (offset - range.lowerBound))
      offset += UInt64(bytes.count)
    }
    return start + (offset - range.lowerBound)
  }

  private func openForWriting() throws(FileFault) -> any DurableFile {
    if let file { return file }
    try fileSystem.makeDirectory(directory)
    let file = try fileSystem.open(path, for: .replacing)
    try file.syncData()
    try fileSystem.syncDirectory(directory)
    self.file = file
    return file
  }
}

/// Frames.
extension DeadLetterQueue {
  private static let marker = Array("DLQ0".utf8)
  private static let headerByteCount = 12
  private static let payloadByteCountMax = 2 << 20

  private static func writeFrame(_ payload: [UInt8], to writer: inout ByteWriter) {
    writer.write(marker)
    writer.write(UInt32(payload.count))
    writer.write(CRC32C.checksum(payload))
    writer.write(payload)
  }

  /// The payload of a frame, or nil if the frame is damaged or cut.
  private static func payload(ofFrame frame: [UInt8]) -> [UInt8]? {
    var reader = ByteReader(frame.span)
    guard let start = try? reader.readBytes(count: 4), start == marker,
      let count = try? reader.readUInt32(), let checksum = try? reader.readUInt32(),
      Int(count) == reader.remaining, let payload = try? reader.readBytes(count: Int(count)),
      CRC32C.checksum(payload) == checksum
    else { return nil }
    return payload
  }

  /// Finds all frames of the file, stepping over damage.
  private func index(_ file: any DurableFile) throws(FileFault) {
    places = []
    keys = []
    damagedByteCount = 0
    var offset: UInt64 = 0
    while offset < end {
      let header = try file.read(count: Self.headerByteCount, at: offset)
      var reader = ByteReader(header.span)
      if let start = try? reader.readBytes(count: 4), start == Self.marker,
        let count = try? reader.readUInt32(), count <= Self.payloadByteCountMax
      {
        let byteCount = Self.headerByteCount + Int(count)
        let frame = try file.read(count: byteCount, at: offset)
        if let payload = Self.payload(ofFrame: frame) {
          enter(payload, offset: offset, byteCount: byteCount)
          offset += UInt64(byteCount)
          continue
        }
      }
      let next = try nextMarker(in: file, from: offset + 1)
      damagedByteCount += next - offset
      offset = next
    }
  }

  private func enter(_ payload: [UInt8], offset: UInt64, byteCount: Int) {
    if let letter = Self.letter(payload) {
      let key = letter.key
      places.append(
        Place(number: letter.number, key: key, offset: offset, byteCount: byteCount))
      keys.insert(key)
      firstFreeNumber = max(firstFreeNumber, letter.number &+ 1)
    } else if let number = Self.firstFreeNumber(payload) {
      firstFreeNumber = max(firstFreeNumber, number)
    }
  }

  private func nextMarker(
    in file: any DurableFile, from start: UInt64
  ) throws(FileFault) -> UInt64 {
    var offset = start
    while offset < end {
      let window = try file.read(count: 64 << 10, at: offset)
      guard window.count >= 4 else { break }
      for index in 0...(window.count - 4) where window[index..<(index + 4)] == Self.marker[...] {
        return offset + UInt64(index)
      }
      offset += UInt64(window.count - 3)
    }
    return end
  }
}

/// Payloads.
extension DeadLetterQueue {
  private static func payload(_ letter: DeadLetter) -> [UInt8] {
    var writer = ByteWriter(capacity: letter.raw.count + 256)
    writer.write(1 as UInt8)
    writer.writeVarint(letter.number)
    writer.writeVarint(UInt64(max(0, letter.line)))
    writer.writeSignedVarint(letter.milliseconds)
    for text in [
      letter.file, letter.format, letter.source, letter.channel, letter.code, letter.reason,
      letter.remedy,
    ] { writer.writeLengthPrefixed(String(text.prefix(4_096))) }
    writer.writeLengthPrefixed(letter.raw)
    writer.writeVarint(UInt64(max(0, letter.rawByteCount)))
    return writer.bytes
  }

  private static func payload(firstFreeNumber: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(2 as UInt8)
    writer.writeVarint(firstFreeNumber)
    return writer.bytes
  }

  private static func letter(_ payload: [UInt8]) -> DeadLetter? {
    var reader = ByteReader(payload.span)
    guard let kind = try? reader.readByte(), kind == 1, let number = try? reader.readVarint(),
      let line = try? reader.readCount(max: Int.max),
      let milliseconds = try? reader.readSignedVarint()
    else { return nil }
    var texts: [String] = []
    for _ in 0..<7 {
      guard let text = try? reader.readLengthPrefixedBytes(max: payload.count) else { return nil }
      texts.append(String(decoding: text, as: UTF8.self))
    }
    guard let raw = try? reader.readLengthPrefixedBytes(max: DeadLetter.rawByteCountMax),
      let rawByteCount = try? reader.readCount(max: Int.max), reader.isAtEnd
    else { return nil }
    var letter = DeadLetter(
      file: texts[0], line: line, format: texts[1], source: texts[2], channel: texts[3],
      code: texts[4], reason: texts[5], remedy: texts[6], raw: raw, rawByteCount: rawByteCount,
      milliseconds: milliseconds)
    letter.number = number
    return letter
  }

  private static func firstFreeNumber(_ payload: [UInt8]) -> UInt64? {
    var reader = ByteReader(payload.span)
    guard let kind = try? reader.readByte(), kind == 2 else { return nil }
    return try? reader.readVarint()
  }
}
