/// What the hub of the made-up shop Marina Ceramics hears of, as it would really arrive. Nobody in
/// these samples exists; addresses are of `example.com`, numbers are made up.
extension DemoSamples {
  /// Web clicks as a browser SDK sends them: Segment's HTTP API.
  static let webClicks = DemoSample(
    title: "web clicks, as the shop's browser SDK sends them", name: "web-clicks.ndjson",
    format: "segment", mapping: nil,
    text: #"""
      {"type":"page","messageId":"ajs-01","anonymousId":"w-7f3a","timestamp":"2025-11-03T10:02:11.120Z","name":"Home","properties":{"path":"/","referrer":"https://search.example.com/"},"context":{"library":{"name":"analytics.js","version":"2.11.1"},"page":{"title":"Marina Ceramics"}}}
      {"type":"track","event":"Product Viewed","messageId":"ajs-02","anonymousId":"w-7f3a","timestamp":"2025-11-03T10:04:40.002Z","properties":{"sku":"MUG-BLUE","name":"Mug, blue glaze","category":"mugs","price":14.95,"currency":"EUR"},"context":{"library":{"name":"analytics.js","version":"2.11.1"}}}
      {"type":"track","event":"Product Added","messageId":"ajs-03","anonymousId":"w-7f3a","timestamp":"2025-11-03T10:06:02.540Z","properties":{"cart_id":"c-88","sku":"MUG-BLUE","name":"Mug, blue glaze","quantity":4,"price":14.95,"currency":"EUR"},"context":{"library":{"name":"analytics.js","version":"2.11.1"}}}
      {"type":"track","event":"Product Viewed","messageId":"ajs-04","anonymousId":"w-19be","timestamp":"2025-11-03T10:07:31.900Z","properties":{"sku":"BOWL-L","name":"Bowl, large","category":"bowls","price":32.00,"currency":"EUR"},"context":{"library":{"name":"analytics.js","version":"2.11.1"}}}
      {"type":"identify","messageId":"ajs-05","anonymousId":"w-7f3a","userId":"u-1042","timestamp":"2025-11-03T10:09:15.310Z","traits":{"name":"Lena Ortiz","email":"Lena.Ortiz@example.com","city":"Valencia"},"context":{"library":{"name":"analytics.js","version":"2.11.1"}}}
      {"type":"track","event":"Order Completed","messageId":"ajs-06","anonymousId":"w-7f3a","userId":"u-1042","timestamp":"2025-11-03T10:12:48.077Z","properties":{"order_id":"A-1001","total":59.80,"currency":"EUR","products":[{"sku":"MUG-BLUE","quantity":4,"price":14.95}]},"context":{"library":{"name":"analytics.js","version":"2.11.1"}}}
      {"type":"track","event":"Order Completed","messageId":"ajs-07","anonymousId":"w-19be","userId":"u-2001","timestamp":"2025-11-03T11:30:00.000Z","properties":{"order_id":"A-1002","total":32.00,"currency":"EUR"},"context":{"library":{"name":"analytics.js","version":"2.11.1"},"traits":{"name":"Noor Haddad","email":"noor@example.com"}}}
      """#)

  /// Messages of the social inbox: its NDJSON export and the mapping that reads it.
  static let socialMessages = DemoSample(
    title: "messages from the social inbox's export", name: "social-inbox.ndjson",
    format: "ndjson",
    mapping: #"""
      source: social-inbox
      defaults: {channel: social}
      events:
        - type: message.received
          when: {column: kind, equals: dm}
          id: "{message_id}"
          occurred: {column: at, format: iso8601}
          identifiers: {handle: from, email: known_email}
          facts: {conversation_id: thread}
          fields: {text: text}
          rest: drop
        - type: post.published
          when: {column: kind, equals: post}
          id: "{message_id}"
          occurred: {column: at, format: iso8601}
          identifiers: {handle: from}
          fields: {text: text}
          rest: drop
      """#,
    text: #"""
      {"kind":"dm","message_id":"sm-501","thread":"t-77","at":"2025-11-12T18:20:05Z","from":"@lena.makes","known_email":"lena.ortiz@example.com","text":"Hi! One of the four blue mugs has a chip in the glaze."}
      {"kind":"post","message_id":"sm-502","thread":"t-78","at":"2025-11-12T20:01:44Z","from":"@clay.daily","known_email":null,"text":"The large bowl from Marina Ceramics is on our table every day."}
      {"kind":"dm","message_id":"sm-503","thread":"t-77","at":"2025-11-14T09:03:10Z","from":"@lena.makes","known_email":"lena.ortiz@example.com","text":"The new mug arrived, perfect. Thank you for the quick call!"}
      """#)

  /// A survey tool's CSV export: recommendation, and satisfaction with the delivery.
  static let surveyExport = DemoSample(
    title: "a survey tool's CSV export", name: "survey-export.csv", format: "csv",
    mapping: #"""
      source: survey-tool
      defaults: {channel: email}
      events:
        - type: survey.answered
          when: {column: recommend, present: true}
          id: "{response}-nps"
          occurred: {column: completed, format: "%Y-%m-%d %H:%M", zone: Europe/Madrid}
          identifiers: {email: email}
          facts:
            survey: {value: nps}
            score: recommend
            order_id: order
          fields: {comment: comment}
          rest: drop
        - type: survey.answered
          when: {column: delivery, present: true}
          id: "{response}-csat"
          occurred: {column: completed, format: "%Y-%m-%d %H:%M", zone: Europe/Madrid}
          identifiers: {email: email}
          facts:
            survey: {value: csat}
            rating: delivery
            order_id: order
          rest: drop
      """#,
    text: #"""
      response,completed,email,order,recommend,delivery,comment
      R-31,2025-11-10 19:12,lena.ortiz@example.com,A-1001,7,3,"Lovely mugs, but one came chipped"
      R-32,2025-11-11 08:40,noor@example.com,A-1002,10,5,
      R-33,2025-11-17 21:05,lena.ortiz@example.com,A-1001,10,5,"Replaced within two days, wonderful"
      """#)

  /// The telephone system's log of finished calls.
  static let phoneLog = DemoSample(
    title: "the telephone system's call log", name: "calls.csv", format: "csv",
    mapping: #"""
      source: pbx
      defaults: {channel: phone, zone: Europe/Madrid}
      events:
        - type: call.ended
          id: "{call}"
          occurred: {column: ended, format: "%d.%m.%Y %H:%M:%S"}
          identifiers: {phone: number}
          facts:
            call_id: call
            direction: direction
            agent: agent
            topic: topic
            duration_seconds: seconds
            resolved: {column: resolved, map: {"yes": true, "no": false}}
          rest: drop
      """#,
    text: #"""
      call,ended,number,direction,agent,topic,seconds,resolved
      P-9001,13.11.2025 09:47:20,+34 600 111 222,outbound,agent-4,damaged item,312,yes
      P-9002,13.11.2025 10:05:02,+34 600 999 888,inbound,agent-2,opening hours,41,yes
      """#)
}
