internal import EventModel

/// The channel that a source's own word for a medium means.
enum ChannelNames {
  private static let words: [String: Channel] = [
    "browser": .web, "website": .web, "desktop": .web, "online": .web,
    "app": .mobile, "ios": .mobile, "android": .mobile, "tablet": .mobile,
    "pos": .store, "till": .store, "shop": .store, "retail": .store, "instore": .store,
    "in-store": .store, "branch": .store,
    "instagram": .social, "facebook": .social, "twitter": .social, "x": .social,
    "tiktok": .social, "linkedin": .social, "youtube": .social,
    "mail": .email, "newsletter": .email,
    "call": .phone, "voice": .phone, "telephone": .phone, "telephony": .phone, "ivr": .phone,
    "sms": .chat, "whatsapp": .chat, "messenger": .chat, "telegram": .chat, "livechat": .chat,
    "live-chat": .chat, "webchat": .chat,
  ]

  /// What parts of a library's name say about the medium, most telling first.
  private static let libraryParts: [(part: String, channel: Channel)] = [
    ("ios", .mobile), ("android", .mobile), ("kotlin", .mobile), ("swift", .mobile),
    ("react-native", .mobile), ("flutter", .mobile), ("mobile", .mobile), ("app-sdk", .mobile),
    ("pos", .store), ("till", .store), ("telephony", .phone), ("call", .phone),
    ("social", .social), ("mail", .email), ("chat", .chat), ("analytics.js", .web),
    ("analytics-next", .web), ("web", .web), ("browser", .web), ("javascript", .web),
  ]

  /// The channel whose own name the string `node` is.
  static func exactChannel(_ node: JSONDocument.Node, of document: JSONDocument) -> Channel? {
    for channel in exactNames where document.isString(node, channel.name) {
      return channel.channel
    }
    return nil
  }

  private static let exactNames: [(name: StaticString, channel: Channel)] = [
    ("web", .web), ("mobile", .mobile), ("store", .store), ("social", .social),
    ("email", .email), ("phone", .phone), ("chat", .chat), ("other", .other),
  ]

  /// The channel that `word` names, in any letter case.
  static func channel(named word: String) -> Channel? {
    let word = word.lowercased()
    return Channel(name: word) ?? words[word]
  }

  /// The channel that a library of this name reports on.
  static func channel(ofLibrary name: String) -> Channel? {
    let name = name.lowercased()
    let words = Set(name.split { !$0.isLetter && !$0.isNumber && $0 != "." }.map(String.init))
    return libraryParts.first {
      words.contains($0.part) || name.hasPrefix($0.part) || name.hasSuffix("-" + $0.part)
    }?
    .channel
  }

  /// The channel of a device of this type.
  static func channel(ofDevice type: String) -> Channel? {
    switch type.lowercased() {
    case "ios", "android", "mobile", "phone", "tablet": .mobile
    case "desktop", "browser": .web
    case "pos", "till", "kiosk": .store
    default: nil
    }
  }
}
