internal import ChannelAdapters
internal import EventModel

/// How many values of a field look like a person's; the values themselves are never shown.
struct CountedField {
  let field: KeptBackFact
  let count: Int

  /// `12 values of 'agent' in call.ended look personal (phone)`.
  var text: String {
    "\(Amounts.count(count, "value")) of '\(field.field)' in \(field.type) "
      + "\(count == 1 ? "looks" : "look") personal (\(field.looksLike.rawValue))"
  }

  /// `{"type","field","looks_like","count"}`.
  var value: Value {
    .object([
      Value.Field("type", .text(field.type.name)), Value.Field("field", .text(field.field)),
      Value.Field("looks_like", .text(field.looksLike.rawValue)),
      Value.Field("count", .integer(Int64(count))),
    ])
  }
}
