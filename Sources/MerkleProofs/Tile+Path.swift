/// Names of tiles: `tile/LEVEL/INDEX`, with `.p/WIDTH` for a partial one.
extension Tile {
  /// The path below a log's prefix, such as `tile/0/x001/x234/067` or `tile/1/001.p/17`.
  public var path: String {
    var groups = [Self.group(index % 1000)]
    var rest = index / 1000
    while rest > 0 {
      groups.append("x" + Self.group(rest % 1000))
      rest /= 1000
    }
    let name = "tile/\(level)/" + groups.reversed().joined(separator: "/")
    return isPartial ? name + ".p/\(width)" : name
  }

  /// The tile that `path` names in its one right spelling, or nothing.
  ///
  /// - Parameter path: Untrusted, as from a request.
  public init?(path: String) {
    guard path.utf8.count <= 64 else { return nil }
    let halves = path.split(separator: ".p/", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = (halves.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, let level = Int(parts[1]) else { return nil }
    var index: UInt64 = 0
    for part in parts.dropFirst(2) {
      guard let group = UInt64(part.hasPrefix("x") ? part.dropFirst() : part), group < 1000,
        index < 1 << 50
      else { return nil }
      index = index * 1000 + group
    }
    let width = halves.count == 2 ? Int(halves[1]) : Self.widthMax
    guard let width, let tile = Tile(level: level, index: index, width: width) else { return nil }
    // One tile has one spelling: signs, missing zeros and groups of zeros end here.
    guard tile.path == path else { return nil }
    self = tile
  }

  private static func group(_ value: UInt64) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }
}
