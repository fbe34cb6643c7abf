internal import BinaryCoding
internal import EventModel

/// Shapes as paths in a tree of tokens: what a record has besides its leaves, one after another.
///
/// A node knows its column or scope, so that walking a record costs one look-up a token and finds
/// the column of every leaf. Grows only.
struct ShapeTrie {
  enum Token: UInt8 {
    case header, section, gone
    case null, boolean, amount, number, text, array, object, count, map
    case identifiers, identifier
  }

  /// What objects and sections hold fields of.
  struct Container: Hashable {
    let scope: Int
    let section: UInt8
    let path: [UInt8]
  }

  /// A node; flat, so that a look-up touches one line of memory and the name.
  struct Node {
    let parent: Int32
    let token: Token
    /// Whether a name precedes the value: not in arrays.
    let isNamed: Bool
    let number: UInt32
    let name: Place
    /// A column, a scope or a container, by token.
    var target: Int32
  }

  private(set) var nodes: [Node] = []
  private(set) var names: [UInt8] = []
  private(set) var places: [ColumnPlace] = []
  private(set) var scopes: [(lengthColumn: Int, elementColumn: Int, root: Int32)] = []
  private var containers: [Container] = []
  private var placeIndex: [ColumnPlace: Int] = [:]
  private var containerIndex: [Container: Int] = [:]
  private var scopeIndex: [Container: Int] = [:]
  private var slots = [Int32](repeating: -1, count: 1 << 12)
  /// Objects whose names are data; they are leaves as a whole.
  private(set) var maps: Set<Container> = []
  private var nameSets: [Int: Set<UInt64>] = [:]

  /// More different sets of names than this make an object a leaf.
  static let nameSetsMax = 64
  private static let nodesMax = 1 << 18

  init(maps: Set<Container> = []) {
    self.maps = maps
    // Node 0 is where records begin.
    nodes.append(
      Node(
        parent: -1, token: .header, isNamed: false, number: 0, name: Place(0, 0), target: 0))
    scopes.append((-1, -1, 0))
  }

  /// The node behind `parent` by a token, or -1 if there are too many.
  ///
  /// - Parameters:
  ///   - parent: Where the walk stands.
  ///   - token: What follows.
  ///   - number: A count or a section.
  ///   - name: The token's bytes.
  ///   - context: The container of the field.
  ///   - isNamed: Whether the name is written.
  /// - Returns: The node.
  @inline(__always)
  mutating func step(
    _ parent: Int32, _ token: Token, number: Int, name: Span<UInt8>, context: Int32, isNamed: Bool
  ) -> Int32 {
    let hash = Self.hash(parent, token, number, name)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] >= 0 {
      let index = slots[slot]
      let node = nodes[Int(index)]
      if node.parent == parent, node.token == token, node.number == UInt32(number),
        node.isNamed == isNamed, node.name.count == name.count,
        names.span.extracting(node.name.range).isEqual(to: name)
      {
        return index
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return insert(parent, token, number: number, name: name, context: context, isNamed: isNamed)
  }

  private static func hash(_ parent: Int32, _ token: Token, _ number: Int, _ name: Span<UInt8>)
    -> UInt64
  {
    var hash = UInt64(UInt32(bitPattern: parent)) &* 0x9e37_79b9_7f4a_7c15
    hash ^= UInt64(token.rawValue) &<< 32 ^ UInt64(truncatingIfNeeded: number) &<< 40
    return hashBytes(name, seed: hash)
  }

  private mutating func insert(
    _ parent: Int32, _ token: Token, number: Int, name: Span<UInt8>, context: Int32, isNamed: Bool
  ) -> Int32 {
    guard nodes.count < Self.nodesMax, names.count < ColumnLimits.bytesMax else { return -1 }
    if nodes.count * 2 > slots.count { grow() }
    let place = Place(names.count, name.count)
    for index in name.indices { names.append(name[index]) }
    let target = target(token, number: number, name: name, context: context)
    guard target >= 0 else { return -1 }
    let index = Int32(nodes.count)
    nodes.append(
      Node(
        parent: parent, token: token, isNamed: isNamed, number: UInt32(number), name: place,
        target: target))
    put(index)
    return index
  }

  private mutating func put(_ index: Int32) {
    let node = nodes[Int(index)]
    let hash = Self.hash(
      node.parent, node.token, Int(node.number), names.span.extracting(node.name.range))
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = index
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for index in nodes.indices.dropFirst() { put(Int32(index)) }
  }

  /// Makes the column, scope or container that a token leads to.
  private mutating func target(
    _ token: Token, number: Int, name: Span<UInt8>, context: Int32
  ) -> Int32 {
    let kind: ColumnKind
    switch token {
    case .header, .null, .count: return context
    case .section:
      return container(Container(scope: 0, section: UInt8(number >> 20), path: []))
    case .gone:
      return column(
        ColumnPlace(
          scope: 0, section: UInt8(number), path: [], kind: .commitment))
    case .array: return array(inner(context, name))
    case .object, .identifiers: return container(inner(context, name))
    case .map: kind = .value
    case .boolean: kind = .boolean
    case .amount: kind = .amount
    case .number: kind = .number
    case .text: kind = .text
    case .identifier: kind = .identifier
    }
    let inside = inner(context, name)
    return column(
      ColumnPlace(
        scope: inside.scope, section: inside.section, path: inside.path, kind: kind))
  }

  private func inner(_ context: Int32, _ name: Span<UInt8>) -> Container {
    let outside = containers[Int(context)]
    return Container(
      scope: outside.scope, section: outside.section,
      path: ColumnPlace.path(outside.path, name))
  }

  private mutating func container(_ container: Container) -> Int32 {
    if let index = containerIndex[container] { return Int32(index) }
    containerIndex[container] = containers.count
    containers.append(container)
    return Int32(containers.count - 1)
  }

  private mutating func column(_ place: ColumnPlace) -> Int32 {
    if let index = placeIndex[place] { return Int32(index) }
    guard places.count < 1 << 16 else { return -1 }
    placeIndex[place] = places.count
    places.append(place)
    return Int32(places.count - 1)
  }

  private mutating func array(_ array: Container) -> Int32 {
    if let index = scopeIndex[array] { return Int32(index) }
    let length = column(
      ColumnPlace(
        scope: array.scope, section: array.section, path: array.path, kind: .length))
    let scope = scopes.count
    let element = column(
      ColumnPlace(
        scope: scope, section: array.section, path: [], kind: .element))
    guard length >= 0, element >= 0, nodes.count < Self.nodesMax else { return -1 }
    let inside = container(Container(scope: scope, section: array.section, path: []))
    // The root of the elements' shapes; no record leads to it by itself.
    nodes.append(
      Node(
        parent: -1, token: .array, isNamed: false, number: UInt32(scope), name: Place(0, 0),
        target: inside))
    scopeIndex[array] = scope
    scopes.append((Int(length), Int(element), Int32(nodes.count - 1)))
    return Int32(scope)
  }

  /// Whether an object is a leaf as a whole.
  func isMap(_ container: Int32) -> Bool {
    !maps.isEmpty && maps.contains(containers[Int(container)])
  }

  /// Counts the sets of names that an object is met with.
  ///
  /// - Returns: Whether the object has become one, so that all has to be walked again.
  mutating func note(nameSet hash: UInt64, of container: Int32) -> Bool {
    nameSets[Int(container), default: []].insert(hash)
    guard nameSets[Int(container), default: []].count > Self.nameSetsMax else { return false }
    maps.insert(containers[Int(container)])
    return true
  }

  /// Makes the operations of the shape that ends at a node.
  ///
  /// - Parameters:
  ///   - end: The node.
  ///   - bytes: What operations write; more is added.
  ///   - column: Gives the number of a place.
  ///   - scope: Gives the number of an array.
  /// - Returns: The operations.
  func operations(
    of end: Int32, bytes: inout [UInt8], column: (Int) -> Int, scope: (Int) -> Int
  ) -> [ShapeOperation] {
    var path: [Node] = []
    var at = end
    while at >= 0, nodes[Int(at)].parent >= 0 {
      path.append(nodes[Int(at)])
      at = nodes[Int(at)].parent
    }
    var compiler = ShapeCompiler(bytes: bytes)
    for node in path.reversed() {
      let name = Array(names[node.name.range])
      compiler.add(node, name: name, column: column, scope: scope)
    }
    bytes = compiler.bytes
    return compiler.finish()
  }
}

/// A hash of bytes that is the same in every run.
@inline(__always)
func hashBytes(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
  var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
  var offset = 0
  while offset &+ 8 <= bytes.count {
    hash = (hash ^ bytes.word(at: offset)) &* 0xff51_afd7_ed55_8ccd
    hash ^= hash &>> 32
    offset &+= 8
  }
  var tail: UInt64 = 0
  while offset < bytes.count {
    tail = tail &<< 8 | UInt64(bytes[offset])
    offset &+= 1
  }
  hash = (hash ^ tail) &* 0xc4ce_b9fe_1a85_ec53
  return hash ^ hash &>> 29
}
