internal import HybridTime

// What the indexes of ``BookState`` list: enough to answer without looking at the control event.

/// A control event that names one event.
struct Naming: Hashable, Sendable, Comparable {
  enum Act: Hashable, Sendable {
    case retraction
    case correction(replacesPersons: Bool)
    case redaction(section: Int)
  }

  /// Who names, in (recorded, origin, sequence).
  let key: WinnerKey
  let act: Act
  /// How the id of the named event begins, by whom names it.
  let idPrefix: UInt64

  /// The latest stands last.
  static func < (left: Naming, right: Naming) -> Bool { left.key < right.key }
}

/// A retraction of an origin's events from a sequence on.
struct RunRetraction: Hashable, Sendable, Comparable {
  let from: UInt64
  let by: Dot

  static func < (left: RunRetraction, right: RunRetraction) -> Bool {
    left.from != right.from ? left.from < right.from : left.by < right.by
  }
}

/// An attested arrival of a run of an origin.
struct Attestation: Hashable, Sendable, Comparable {
  let arrivedMilliseconds: Int64
  let run: IntervalSet.Run
  let by: Dot

  init(_ arrival: AttestedArrival, by dot: Dot) {
    arrivedMilliseconds = arrival.arrivedMilliseconds
    run = arrival.run
    by = dot
  }

  /// The earliest arrival stands first.
  static func < (left: Attestation, right: Attestation) -> Bool {
    left.arrivedMilliseconds != right.arrivedMilliseconds
      ? left.arrivedMilliseconds < right.arrivedMilliseconds : left.by < right.by
  }

  func covers(_ sequence: UInt64) -> Bool { run.first <= sequence && sequence <= run.last }
}

/// A section of an origin that an erasure or an extension lists.
struct ErasureListing: Hashable, Sendable, Comparable {
  let sequence: UInt64
  let section: Int
  let by: Dot

  static func < (left: ErasureListing, right: ErasureListing) -> Bool {
    if left.sequence != right.sequence { return left.sequence < right.sequence }
    return left.section != right.section ? left.section < right.section : left.by < right.by
  }
}
