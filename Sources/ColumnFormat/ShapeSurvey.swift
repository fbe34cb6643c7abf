internal import BinaryCoding

/// Walks all records of a segment to see which shapes they have.
struct ShapeSurvey {
  let records: [UInt8]
  let ends: [Int]
  let bodies: [Int]
  private(set) var walker = RecordWalker(maps: [])
  /// Where each row's shape ends in the tree, or -1.
  private(set) var nodes: [Int32] = []
  /// How many rows or elements end at each node.
  private var uses: [Int] = []

  /// After so many new maps, no further ones are looked for.
  private static let passesMax = 16

  init(records: [UInt8], ends: [Int], bodies: [Int]) {
    self.records = records
    self.ends = ends
    self.bodies = bodies
  }

  /// Walks every record; again from the beginning whenever an object turns out to be a map.
  mutating func run() {
    for pass in 1...Self.passesMax {
      nodes.removeAll(keepingCapacity: true)
      nodes.reserveCapacity(ends.count)
      uses = []
      for row in ends.indices {
        nodes.append(walk(row) ? count(row) : -1)
        if walker.hasNewMap, pass < Self.passesMax { break }
      }
      guard walker.hasNewMap, pass < Self.passesMax else { return }
      walker = RecordWalker(maps: walker.trie.maps)
    }
  }

  private var lastNode: Int32 = -1

  /// Walks a row's record.
  ///
  /// - Returns: Whether it can be described by a shape.
  mutating func walk(_ row: Int) -> Bool {
    let records = records
    guard let node = walker.walk(records.span.extracting(bodies[row]..<ends[row]), at: bodies[row])
    else { return false }
    lastNode = node
    return true
  }

  private mutating func count(_ row: Int) -> Int32 {
    let missing = walker.trie.nodes.count - uses.count
    if missing > 0 { uses.append(contentsOf: repeatElement(0, count: missing)) }
    uses[Int(lastNode)] += 1
    guard walker.trie.scopes.count > 1 else { return lastNode }
    for (column, leaf) in zip(walker.columns, walker.leaves)
    where walker.trie.places[Int(column)].kind == .element {
      uses[Int(leaf)] += 1
    }
    return lastNode
  }

  /// Picks the shapes that are used often enough, as many as the format allows.
  func accept() -> AcceptedShapes {
    let used = uses.indices.filter { uses[$0] >= ColumnLimits.shapeRowsMin }
      .sorted { uses[$0] != uses[$1] ? uses[$0] > uses[$1] : $0 < $1 }
      .prefix(ColumnLimits.shapesMax)
    var accepted = AcceptedShapes(trie: walker.trie)
    for node in used { accepted.add(Int32(node), trie: walker.trie) }
    return accepted
  }
}

/// The shapes that a segment's records are described by, and the columns these have.
struct AcceptedShapes {
  /// The shape's number in its scope for each node of the tree, from 1; 0 for none.
  private(set) var symbols: [Int32]
  /// The column for each place of the tree, or -1.
  private(set) var columns: [Int]
  private(set) var places: [ColumnPlace] = []
  private(set) var scopes: [ShapeScope] = [ShapeScope(lengthColumn: -1, elementColumn: -1)]
  private(set) var bytes: [UInt8] = []
  private var scopeNumbers: [Int]

  init(trie: ShapeTrie) {
    symbols = [Int32](repeating: 0, count: trie.nodes.count)
    columns = [Int](repeating: -1, count: trie.places.count)
    scopeNumbers = [Int](repeating: -1, count: trie.scopes.count)
    scopeNumbers[0] = 0
    // Outer scopes before inner ones: so they were met.
    for scope in 1..<max(1, trie.scopes.count) { add(scope: scope, trie: trie) }
  }

  private mutating func add(scope: Int, trie: ShapeTrie) {
    let outer = scopeNumbers[trie.places[trie.scopes[scope].lengthColumn].scope]
    guard outer >= 0, places.count + 2 <= ColumnLimits.columnsMax / 2 else { return }
    scopeNumbers[scope] = scopes.count
    let length = column(trie.scopes[scope].lengthColumn, trie)
    let element = column(trie.scopes[scope].elementColumn, trie)
    scopes.append(ShapeScope(lengthColumn: length, elementColumn: element))
  }

  private mutating func column(_ place: Int, _ trie: ShapeTrie) -> Int {
    guard columns[place] < 0 else { return columns[place] }
    let from = trie.places[place]
    columns[place] = places.count
    places.append(
      ColumnPlace(
        scope: scopeNumbers[from.scope], section: from.section, path: from.path, kind: from.kind))
    return columns[place]
  }

  /// Adds the shape that ends at a node, unless it needs what there is no room for.
  mutating func add(_ node: Int32, trie: ShapeTrie) {
    var at = node
    while trie.nodes[Int(at)].parent >= 0 { at = trie.nodes[Int(at)].parent }
    // The root of an element's shape tells the array.
    let scope = scopeNumbers[at == 0 ? 0 : Int(trie.nodes[Int(at)].number)]
    guard scope >= 0 else { return }
    var needed: [Int] = []
    var isHeld = true
    var found: [UInt8] = []
    _ = trie.operations(of: node, bytes: &found) { place in
      needed.append(place)
      return 0
    } scope: { inner in
      if scopeNumbers[inner] < 0 { isHeld = false }
      return 0
    }
    let new = Set(needed.filter { columns[$0] < 0 }).count
    guard isHeld, places.count + new <= ColumnLimits.columnsMax,
      bytes.count + found.count <= ColumnLimits.shapeBytesMax
    else { return }
    for place in needed { _ = column(place, trie) }
    let operations = trie.operations(
      of: node, bytes: &bytes, column: { columns[$0] }, scope: { scopeNumbers[$0] })
    scopes[scope].shapes.append(operations)
    symbols[Int(node)] = Int32(scopes[scope].shapes.count)
  }

  /// Whether the elements of the record walked last have accepted shapes.
  func hasAll(_ walker: RecordWalker) -> Bool {
    guard scopes.count > 1 || walker.trie.scopes.count > 1 else { return true }
    for (place, leaf) in zip(walker.columns, walker.leaves)
    where walker.trie.places[Int(place)].kind == .element {
      if symbols[Int(leaf)] == 0 { return false }
    }
    return true
  }
}
