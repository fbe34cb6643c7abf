public import MerkleProofs

/// The built-in event types, looked up by name or by the name that Segment's specifications use.
public struct EventCatalogue: Sendable {
  /// A schema beside its digest.
  public struct Entry: Sendable {
    /// The schema.
    public let schema: EventSchema
    /// Its content address.
    public let digest: Digest256

    /// Joins a schema and its digest.
    public init(_ schema: EventSchema) {
      self.schema = schema
      digest = schema.digest
    }
  }

  /// All entries, in order of the catalogue's table.
  public let entries: [Entry]
  private let byType: [EventType: Int]
  private let byDigest: [Digest256: Int]
  private let bySegmentName: [String: Int]

  /// The catalogue that comes with Daybook.
  public static let builtIn = EventCatalogue(schemas: builtInSchemas)

  /// A catalogue of `schemas`, each type once.
  public init(schemas: [EventSchema]) {
    entries = schemas.map(Entry.init)
    var byType: [EventType: Int] = [:]
    var bySegmentName: [String: Int] = [:]
    for (index, schema) in schemas.enumerated() {
      byType[schema.type] = index
      for name in schema.segmentNames { bySegmentName[name.lowercased()] = index }
    }
    self.byType = byType
    byDigest = Dictionary(
      entries.enumerated().map { ($1.digest, $0) }, uniquingKeysWith: { first, _ in first })
    self.bySegmentName = bySegmentName
  }

  /// The catalogue with `schemas` in place of its own of the same types, and beside all others.
  public func replacing(_ schemas: [EventSchema]) -> EventCatalogue {
    let replaced = Set(schemas.map(\.type))
    return EventCatalogue(
      schemas: entries.map(\.schema).filter { !replaced.contains($0.type) } + schemas)
  }

  /// The entry of an event type; a type that is not in the catalogue gets a schema without facts.
  public func entry(for type: EventType) -> Entry {
    byType[type].map { entries[$0] } ?? Entry(.undeclared(type))
  }

  /// The entry of an event type if `digest` is that of its schema here.
  public func entry(for type: EventType, under digest: Digest256) -> Entry? {
    guard let index = byDigest[digest], entries[index].schema.type == type else { return nil }
    return entries[index]
  }

  /// Whether `digest` is that of the type's schema here. One look-up, without copies.
  public func declares(_ type: EventType, under digest: Digest256) -> Bool {
    byDigest[digest].map { entries[$0].schema.type == type } ?? false
  }

  /// Whether the type is in the catalogue.
  public func contains(_ type: EventType) -> Bool { byType[type] != nil }

  /// The entry of the event that Segment's specifications call `name`, in any letter case.
  public func entry(segmentName name: String) -> Entry? {
    bySegmentName[name.lowercased()].map { entries[$0] }
  }
}

extension EventCatalogue {
  private static let order =
    "order_id:text checkout_id:text affiliation:text total:money subtotal:money revenue:money"
    + " shipping:money tax:money discount:money coupon:text currency:text payment_method:text"
    + " products:lines receipt:text store_id:text status:text quantity:integer"
  private static let product =
    "product_id:text sku:text category:text category_id:text brand:text variant:text price:money"
    + " quantity:integer currency:text position:integer coupon:text cart_id:text order_id:text"
    + " receipt:text store_id:text sales_value:money loyalty_discount:money coupon_discount:money"
    + " discount:money country:text list_id:text wishlist_id:text"
  private static let promotion =
    "promotion_id:text promotion_type:text creative:text position:integer reward:decimal"
    + " coupon:text offer_id:text campaign:text"
  private static let message =
    "message_id:text in_reply_to:text conversation_id:text direction:text template_id:text"
    + " status:text campaign:text agent:text"
  private static let call =
    "call_id:text conversation_id:text direction:text agent:text queue:text topic:text"
    + " answered:boolean resolved:boolean wait_seconds:integer duration_seconds:integer"
    + " rating:integer survey:text status:text"
  private static let survey =
    "survey:text score:integer rating:integer scale:text survey_id:text order_id:text"
    + " product_id:text agent:text wave:integer case_id:text"
  private static let page = "page_id:text section:text duration_seconds:integer position:integer"
  private static let support =
    "case_id:text conversation_id:text status:text priority:text topic:text category:text"
    + " agent:text queue:text resolved:boolean reopened:boolean duration_seconds:integer"
    + " rating:integer survey:text"
  private static let loyalty =
    "program:text tier:text points:integer balance:integer reward_id:text reward:decimal"
    + " promotion_id:text promotion_type:text offer_id:text store_id:text order_id:text"
  private static let consent = "purpose:text granted:boolean policy:text basis:text expires:time"
  private static let visit = "store_id:text duration_seconds:integer visit_id:text purpose:text"

  private static let builtInSchemas: [EventSchema] = [
    // Commerce: Segment's e-commerce specification, version 2.
    make("products.searched", .discovery, product, "Products Searched"),
    make("product_list.viewed", .discovery, product, "Product List Viewed"),
    make("product_list.filtered", .discovery, product, "Product List Filtered"),
    make("promotion.viewed", .discovery, promotion, "Promotion Viewed"),
    make("promotion.clicked", .discovery, promotion, "Promotion Clicked"),
    make("promotion.sent", .discovery, promotion, "Promotion Sent"),
    make("product.clicked", .discovery, product, "Product Clicked"),
    make("product.viewed", .discovery, product, "Product Viewed"),
    make("product.added", .consideration, product, "Product Added"),
    make("product.removed", .consideration, product, "Product Removed"),
    make(
      "product.added_to_wishlist", .consideration, product, "Product Added to Wishlist",
      "Product Added To Wishlist"),
    make("product.removed_from_wishlist", .consideration, product, "Product Removed from Wishlist"),
    make(
      "wishlist.product_added_to_cart", .consideration, product, "Wishlist Product Added to Cart"),
    make("product.shared", .advocacy, product, "Product Shared"),
    make("cart.viewed", .consideration, order, "Cart Viewed"),
    make("cart.shared", .advocacy, order, "Cart Shared"),
    make("checkout.started", .consideration, order, "Checkout Started"),
    make("checkout.step_viewed", .consideration, order + " step:integer", "Checkout Step Viewed"),
    make(
      "checkout.step_completed", .consideration, order + " step:integer", "Checkout Step Completed"),
    make("payment_info.entered", .consideration, order, "Payment Info Entered"),
    make("coupon.entered", .consideration, order + " coupon_id:text", "Coupon Entered"),
    make("coupon.applied", .consideration, order + " coupon_id:text", "Coupon Applied"),
    make("coupon.denied", .consideration, order + " coupon_id:text", "Coupon Denied"),
    make("coupon.removed", .consideration, order + " coupon_id:text", "Coupon Removed"),
    make("order.completed", .purchase, order, "Order Completed"),
    make("order.updated", .purchase, order, "Order Updated"),
    make("order.approved", .purchase, order, "Order Approved"),
    make("order.shipped", .delivery, order, "Order Shipped"),
    make("order.delivered", .delivery, order, "Order Delivered"),
    make("order.refunded", .support, order, "Order Refunded"),
    make("order.cancelled", .support, order, "Order Cancelled"),
    make("product.purchased", .purchase, product, "Product Purchased"),
    make("product.returned", .support, product, "Product Returned"),
    make(
      "product.reviewed", .advocacy, product + " review_id:text rating:integer survey:text",
      "Product Reviewed"),
    // Content.
    make("page.viewed", .discovery, page, "Page Viewed", "Loaded a Page"),
    make("screen.viewed", .discovery, page, "Screen Viewed"),
    make("content.viewed", .discovery, page, "Content Viewed"),
    make("video.played", .discovery, page, "Video Playback Started"),
    make("app.installed", .discovery, page, "Application Installed"),
    make("app.opened", .discovery, page, "Application Opened"),
    make("push.received", .discovery, message, "Push Notification Received"),
    make("push.opened", .discovery, message, "Push Notification Tapped"),
    // Messages.
    make("message.received", .support, message, "Message Received"),
    make("message.sent", .support, message, "Message Sent"),
    make("email.delivered", .discovery, message, "Email Delivered"),
    make("email.opened", .discovery, message, "Email Opened"),
    make("email.clicked", .discovery, message, "Email Link Clicked"),
    make("email.bounced", nil, message, "Email Bounced"),
    make("email.unsubscribed", nil, message, "Unsubscribed"),
    make("post.published", .advocacy, message, "Post Published"),
    make("post.liked", .advocacy, message, "Post Liked"),
    make("chat.started", .support, message, "Live Chat Conversation Started"),
    make("chat.ended", .support, message, "Live Chat Conversation Ended"),
    make("chat.message_received", .support, message, "Live Chat Message Received"),
    make("chat.message_sent", .support, message, "Live Chat Message Sent"),
    // Calls and visits.
    make("call.started", .support, call, "Call Started"),
    make("call.ended", .support, call, "Call Ended"),
    make("call.missed", .support, call, "Call Missed"),
    make("visit.started", .discovery, visit, "Visit Started"),
    make("visit.ended", .discovery, visit, "Visit Ended"),
    make("appointment.booked", .consideration, visit, "Appointment Booked"),
    // Surveys.
    make("survey.sent", nil, survey, "Survey Sent"),
    make("survey.answered", .advocacy, survey, "Survey Answered"),
    // Support.
    make("case.opened", .support, support, "Case Opened"),
    make("case.updated", .support, support, "Case Updated"),
    make("case.resolved", .support, support, "Case Resolved"),
    make("case.reopened", .support, support, "Case Reopened"),
    make("complaint.filed", .support, support, "Complaint Filed"),
    // Loyalty.
    make("loyalty.joined", .loyalty, loyalty, "Loyalty Joined"),
    make("loyalty.points_earned", .loyalty, loyalty, "Points Earned"),
    make("loyalty.points_redeemed", .loyalty, loyalty, "Points Redeemed"),
    make("loyalty.points_expired", .loyalty, loyalty, "Points Expired"),
    make("loyalty.tier_changed", .loyalty, loyalty, "Tier Changed"),
    make("reward.redeemed", .loyalty, loyalty, "Reward Redeemed"),
    // Consent and identity.
    make("consent.given", nil, consent, "Consent Given"),
    make("consent.withdrawn", nil, consent, "Consent Withdrawn"),
    make("identity.identified", nil, ""),
    make("identity.aliased", nil, ""),
    make("identity.grouped", nil, ""),
    make("account.created", .consideration, "", "Signed Up"),
    make("account.signed_in", nil, "", "Signed In"),
    make("account.signed_out", nil, "", "Signed Out"),
    // Anything a source tracks that the catalogue does not know.
    make("custom.event", nil, ""),
  ]

  private static func make(
    _ type: String, _ stage: JourneyStage?, _ facts: String, _ segmentNames: String...
  ) -> EventSchema {
    let declared = facts.split(separator: " ").map { pair in
      let parts = pair.split(separator: ":")
      guard parts.count == 2, let kind = FactKind(rawValue: String(parts[1])) else {
        preconditionFailure("the catalogue writes each fact as name:kind")
      }
      return EventSchema.Fact(name: String(parts[0]), kind: kind)
    }
    return EventSchema(
      type: EventType(unchecked: type), segmentNames: segmentNames, stage: stage,
      facts: declared)
  }
}
