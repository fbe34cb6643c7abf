internal import BinaryCoding

/// Collects a section's fields in any order and puts them into canonical form.
///
/// Values come as canonical bytes, so an adapter can transcode a message without making a ``Value``
/// of any part of it. One builder serves many sections; ``finish()`` empties it and keeps the room.
public struct SectionBuilder: Sendable {
  private struct Entry {
    var nameStart: Int
    var valueStart: Int
    var end: Int
  }

  private var scratch = ByteWriter()
  private var entries: [Entry] = []

  /// An empty builder.
  public init() {}

  /// How many fields were added since the last ``finish()``.
  public var count: Int { entries.count }

  /// Adds a field whose value is already encoded.
  ///
  /// - Parameters:
  ///   - name: Its name in UTF-8, unique within the section.
  ///   - encoded: Its value, canonical.
  public mutating func add(name: Span<UInt8>, encoded: Span<UInt8>) {
    let nameStart = scratch.count
    scratch.write(name)
    let valueStart = scratch.count
    scratch.write(encoded)
    entries.append(Entry(nameStart: nameStart, valueStart: valueStart, end: scratch.count))
  }

  /// Adds a field whose value is already encoded.
  ///
  /// - Parameters:
  ///   - name: Its name, unique within the section.
  ///   - encoded: Its value, canonical.
  public mutating func add(_ name: StaticString, encoded: Span<UInt8>) {
    let nameStart = scratch.count
    scratch.write(name)
    let valueStart = scratch.count
    scratch.write(encoded)
    entries.append(Entry(nameStart: nameStart, valueStart: valueStart, end: scratch.count))
  }

  /// Adds a field.
  public mutating func add(_ name: StaticString, _ value: Value) {
    add(name.description, value)
  }

  /// Adds a field.
  public mutating func add(_ name: String, _ value: Value) {
    let nameStart = scratch.count
    scratch.bytes.append(contentsOf: name.utf8)
    let valueStart = scratch.count
    value.write(to: &scratch)
    entries.append(Entry(nameStart: nameStart, valueStart: valueStart, end: scratch.count))
  }

  /// Adds an integer field without making a ``Value``.
  public mutating func add(_ name: StaticString, integer: Int64) {
    let nameStart = scratch.count
    scratch.write(name)
    let valueStart = scratch.count
    scratch.write(ValueTag.integer)
    scratch.writeSignedVarint(integer)
    entries.append(Entry(nameStart: nameStart, valueStart: valueStart, end: scratch.count))
  }

  /// Adds a text field without making a ``Value``; `utf8` must be valid.
  public mutating func add(_ name: StaticString, text utf8: Span<UInt8>) {
    let nameStart = scratch.count
    scratch.write(name)
    let valueStart = scratch.count
    scratch.write(ValueTag.text)
    scratch.writeVarint(UInt64(utf8.count))
    scratch.write(utf8)
    entries.append(Entry(nameStart: nameStart, valueStart: valueStart, end: scratch.count))
  }

  /// Puts the fields in order, returns the section and starts anew.
  ///
  /// - Returns: The section, or nothing when two fields have the same name.
  public mutating func finish() -> Section? {
    defer {
      scratch.removeAll()
      entries.removeAll(keepingCapacity: true)
    }
    sortEntries()
    var writer = ByteWriter(capacity: scratch.count + 2 * entries.count + 3)
    writer.writeVarint(UInt64(entries.count))
    let bytes = scratch.bytes.span
    for index in entries.indices {
      let entry = entries[index]
      if index > 0, !precedes(entries[index - 1], entry) { return nil }
      writer.writeVarint(UInt64(entry.valueStart - entry.nameStart))
      writer.write(bytes.extracting(entry.nameStart..<entry.end))
    }
    return Section(unchecked: writer.bytes)
  }

  /// Forgets the fields added so far.
  public mutating func removeAll() {
    scratch.removeAll()
    entries.removeAll(keepingCapacity: true)
  }

  /// Insertion sort for the usual handful of fields; messages arrive with their names almost sorted
  /// or short, and a hostile message with thousands of fields goes to the library's sort.
  private mutating func sortEntries() {
    guard entries.count <= 32 else {
      let sorted = entries.sorted { precedes($0, $1) }
      entries = sorted
      return
    }
    for index in entries.indices.dropFirst() {
      var place = index
      while place > 0, precedes(entries[place], entries[place - 1]) {
        entries.swapAt(place, place - 1)
        place -= 1
      }
    }
  }

  private func precedes(_ left: Entry, _ right: Entry) -> Bool {
    let bytes = scratch.bytes.span
    let common = min(left.valueStart - left.nameStart, right.valueStart - right.nameStart)
    for offset in 0..<common {
      let (one, other) = (bytes[left.nameStart + offset], bytes[right.nameStart + offset])
      if one != other { return one < other }
    }
    return left.valueStart - left.nameStart < right.valueStart - right.nameStart
  }
}
