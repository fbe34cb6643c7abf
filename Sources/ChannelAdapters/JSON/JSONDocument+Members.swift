internal import BinaryCoding

/// The members of objects, sorted by the bytes of their keys.
///
/// Sorting once answers three questions: which keys are doubled, where a key is, and in which
/// order the canonical form writes them.
extension JSONDocument {
  /// A key to look up, prepared once.
  package struct Key: Sendable {
    let bytes: [UInt8]
    let prefix: UInt64

    /// Prepares `text`.
    package init(_ text: String) { self.init([UInt8](text.utf8)) }

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      prefix = keyPrefix(bytes.span)
    }
  }

  /// Keys to recognise, sorted once.
  struct KeyTable: Sendable {
    let keys: [Key]
    /// The prefixes of ``keys``, close together: they decide most comparisons.
    let prefixes: [UInt64]
    /// For each key its place in the list the table was made from.
    let places: [Int]

    /// Sorts `names`, which are all different.
    init(_ names: [String]) {
      let sorted = names.enumerated().map { (key: Key($1), place: $0) }.sorted {
        compareBytes($0.key.bytes.span, $1.key.bytes.span) < 0
      }
      keys = sorted.map(\.key)
      prefixes = sorted.map(\.key.prefix)
      places = sorted.map(\.place)
    }
  }

  func prefix(of range: Range<Int>) -> UInt64 { keyPrefix(text.bytes.span.extracting(range)) }

  /// Sorts the pending members from `first` on, moves them to ``members`` and returns their range.
  mutating func closeMembers(
    from first: Int, objectAt start: Int
  ) throws(JSONFault) -> Range<Int> {
    sortPending(from: first)
    let membersStart = members.count
    for index in first..<pending.count {
      if index > first, compareKeys(pending[index - 1], pending[index]) == 0 {
        let key = max(pending[index - 1].key, pending[index].key)
        throw JSONFault(.duplicateKey, at: offset(ofKey: key, objectAt: start))
      }
      members.append(pending[index])
    }
    pending.removeLast(pending.count - first)
    return membersStart..<members.count
  }

  /// Where a key stands in the input; an unescaped one is blamed on its object.
  private func offset(ofKey key: UInt32, objectAt start: Int) -> Int {
    let keyStart = Int(entries[Int(key)].start)
    return keyStart <= position ? keyStart - 1 : start
  }

  private mutating func sortPending(from first: Int) {
    if pending.count - first > 24 {
      // The sort must not read `self` while it changes `pending`.
      let document = KeyOrder(entries: entries, bytes: text.bytes)
      pending[first...].sort { document.compare($0, $1) < 0 }
      return
    }
    for end in pending.indices.dropFirst(first + 1) {
      let member = pending[end]
      guard compareKeys(member, pending[end - 1]) < 0 else { continue }
      var index = end
      repeat {
        pending[index] = pending[index - 1]
        index -= 1
      } while index > first && compareKeys(member, pending[index - 1]) < 0
      pending[index] = member
    }
  }

  private func compareKeys(_ a: Member, _ b: Member) -> Int {
    if a.prefix != b.prefix { return a.prefix < b.prefix ? -1 : 1 }
    let bytes = text.bytes.span
    return compareBytes(
      bytes.extracting(entries[Int(a.key)].range), bytes.extracting(entries[Int(b.key)].range))
  }

  /// The value of the member of `object` with `key`, or nil if there is none or `object` is no
  /// object.
  ///
  /// - Complexity: O(log k) for k members.
  package func member(_ key: Key, of object: Node) -> Node? {
    member(key.bytes.span, key.prefix, of: object)
  }

  /// The value of the member of `object` with the same key as another member, or nil.
  func member(withKeyOf key: Node, of object: Node) -> Node? {
    let range = textRange(of: key)
    return member(text.bytes.span.extracting(range), prefix(of: range), of: object)
  }

  private func member(_ key: Span<UInt8>, _ prefix: UInt64, of object: Node) -> Node? {
    guard kind(of: object) == .object else { return nil }
    var range = entries[object.index].range
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let order = compare(key, prefix, members[middle])
      if order == 0 { return Node(index: Int(members[middle].key) + 1) }
      range = order < 0 ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
    }
    return nil
  }

  /// Calls `body` for each member of `object`, in byte order of the keys.
  ///
  /// - Parameters:
  ///   - object: An object; other kinds have no members.
  ///   - keys: Keys to recognise.
  ///   - body: Gets the place of the member's key in the list `keys` was made from, or nil if it is
  ///     not among them, then key and value.
  /// - Complexity: O(members + keys).
  func forEachMember(
    of object: Node, matching keys: KeyTable,
    _ body: (_ known: Int?, _ key: Node, _ value: Node) -> Void
  ) {
    guard kind(of: object) == .object else { return }
    var next = 0
    for place in entries[object.index].range {
      let member = members[place]
      var order = -1
      while next < keys.prefixes.count {
        order = compare(keys, next, member)
        if order >= 0 { break }
        next += 1
      }
      let key = Int(member.key)
      body(order == 0 ? keys.places[next] : nil, Node(index: key), Node(index: key + 1))
    }
  }

  private func compare(_ keys: KeyTable, _ index: Int, _ member: Member) -> Int {
    let prefix = keys.prefixes[index]
    if prefix != member.prefix { return prefix < member.prefix ? -1 : 1 }
    let key = keys.keys[index].bytes
    return compare(key.span, prefix, member)
  }

  private func compare(_ key: Span<UInt8>, _ prefix: UInt64, _ member: Member) -> Int {
    if prefix != member.prefix { return prefix < member.prefix ? -1 : 1 }
    let range = entries[Int(member.key)].range
    if range.count <= 8, key.count <= 8 { return key.count - range.count }
    return compareBytes(key, text.bytes.span.extracting(range))
  }
}

/// A copy of what comparing keys needs.
private struct KeyOrder {
  let entries: [JSONDocument.Entry]
  let bytes: [UInt8]

  func compare(_ a: JSONDocument.Member, _ b: JSONDocument.Member) -> Int {
    if a.prefix != b.prefix { return a.prefix < b.prefix ? -1 : 1 }
    return compareBytes(
      bytes.span.extracting(entries[Int(a.key)].range),
      bytes.span.extracting(entries[Int(b.key)].range))
  }
}

extension JSONDocument.Entry {
  var range: Range<Int> { Int(start)..<Int(end) }
}

private func keyPrefix(_ key: Span<UInt8>) -> UInt64 {
  if key.count >= 8 { return key.word(at: 0).byteSwapped }
  var prefix: UInt64 = 0
  for index in 0..<min(8, key.count) {
    prefix |= UInt64(key[index]) &<< UInt64(56 &- 8 &* index)
  }
  return prefix
}

/// Negative, zero or positive as `a` sorts before, with or after `b`, byte by byte.
func compareBytes(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Int {
  for index in 0..<min(a.count, b.count) where a[index] != b[index] {
    return a[index] < b[index] ? -1 : 1
  }
  return a.count - b.count
}
