internal import ArgumentParser
internal import EventModel

/// A channel on the command line.
struct ChannelArgument: ExpressibleByArgument {
  /// The channel meant.
  let channel: Channel

  /// The channel called `argument`, or nothing.
  init?(argument: String) {
    guard let channel = Channel(name: argument) else { return nil }
    self.channel = channel
  }

  /// Every channel's name, for help and completions.
  static var allValueStrings: [String] { Channel.allCases.map(\.description) }
}
