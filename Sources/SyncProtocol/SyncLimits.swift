internal import EventModel

/// What one side accepts of the other, and how much it lets wait.
///
/// A peer that keeps to `docs/protocol/sync.md` never meets them; one that does not costs no more
/// than they say.
package enum SyncLimits {
  /// The protocol version this package speaks.
  package static let protocolVersion: UInt32 = 0
  /// Bytes of an encoded frame: 64 KiB.
  package static let frameByteCountMax = 64 << 10
  /// Bytes of one event's record: 1 MiB. Larger than a frame, it travels in fragments.
  package static let recordByteCountMax = EventLimits.eventByteCountMax
  /// Bytes of the salts of one window: 4 MiB, more than a window with every leaf punctured has.
  package static let saltsByteCountMax = 4 << 20
  /// Bytes of a scope's text.
  package static let scopeByteCountMax = 256
  /// Bytes of a refusal's message.
  package static let refusalByteCountMax = 512
  /// Bytes of a projection's name.
  package static let projectionNameByteCountMax = 64
  /// Projections in a closing.
  package static let projectionCountMax = 64
  /// Runs of one origin in one frame.
  package static let runsPerOriginMax = 4096
  /// Origins in all of a peer's difference.
  package static let originCountMax = 1 << 16
  /// Runs in all of a peer's difference: 16 MiB in memory.
  package static let runCountMax = 1 << 20
  /// Records that the receiver holds already, before it takes the peer for hostile.
  package static let repeatedCountMax = 1 << 16
  /// A receiver makes events durable, and acknowledges them, at the latest when so many bytes of
  /// records wait: 1 MiB.
  package static let pendingByteCountMax = 1 << 20
  /// A sender has at most about so many bytes of records sent and not acknowledged: 4 MiB. Twice
  /// what a receiver may hold back, or more, so that the two never wait for each other.
  package static let windowByteCount = 4 << 20

  /// Bytes of records that may come before their proof: 2 MiB.
  package static let unprovenByteCountMax = 2 << 20
  /// Records that the receiver lets go because their origin forked, before it takes the peer for
  /// hostile.
  package static let refusedCountMax = 1 << 20

  /// A sender proves what it sent of an origin at the latest when it is so many bytes.
  static let provenByteCount = 512 << 10
  /// Bytes of content in a fragment.
  static let fragmentByteCountMax = 60 << 10
  /// Bytes of records in one frame, the tag and length of each included.
  static let packedByteCountMax = frameByteCountMax - 64
  /// At most so many bytes stand before a record within a frame: a tag and a length.
  static let recordOverheadByteCount = 5
  /// Bytes of records asked of a replica at once.
  static let fetchByteCount = 256 << 10
}
