internal import BinaryCoding
internal import BookRules
internal import EventModel
internal import ProjectionEngine

extension CustomerState {
  /// Takes in what the traits of a person's section say, objects opened one level: `address.city`.
  mutating func addTraits(of section: Section, key: FoldKey, channel: Channel, source: ExactText) {
    guard let range = section.range(of: ReservedName.traits),
      section.bytes[range.lowerBound] == ValueTag.object
    else { return }
    let traits = Section(unchecked: Array(section.bytes[(range.lowerBound + 1)..<range.upperBound]))
    traits.forEachTrait { name, value in
      guard value.count <= Attribute.valueByteCountMax, name.count <= Attribute.valueByteCountMax
      else { return }
      let reading = Attribute.Reading(key: key, channel: channel, source: source, value: value)
      add(reading, of: ExactText(name))
    }
  }
}

extension Section {
  /// Calls `body` with the name and encoded value of each field; the fields of an object field come
  /// instead of it, their names behind its name and a dot.
  fileprivate func forEachTrait(_ body: (_ name: [UInt8], _ value: [UInt8]) -> Void) {
    forEachRange { name, value in
      let name = Array(bytes[name])
      guard bytes[value.lowerBound] == ValueTag.object else {
        body(name, Array(bytes[value]))
        return true
      }
      let inner = Section(unchecked: Array(bytes[(value.lowerBound + 1)..<value.upperBound]))
      inner.forEachRange { innerName, innerValue in
        body(
          name + [UInt8(ascii: ".")] + inner.bytes[innerName], Array(inner.bytes[innerValue]))
        return true
      }
      return true
    }
  }
}
