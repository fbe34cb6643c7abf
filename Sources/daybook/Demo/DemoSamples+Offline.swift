/// What the two replicas without a network record.
extension DemoSamples {
  /// A till's sales at the Christmas market, where there is no network: its CSV and the mapping.
  static let tillSales = DemoSample(
    title: "a till's sales at the market stall, as CSV", name: "till-sales.csv", format: "csv",
    mapping: #"""
      source: till-3
      defaults: {channel: store, zone: Europe/Madrid, currency: EUR}
      events:
        - type: product.purchased
          when: {column: qty, at_least: 1}
          id: "{receipt}-{line}"
          occurred: {column: sold_at, format: "%d/%m/%Y %H:%M"}
          identifiers: {loyalty: card}
          facts:
            receipt: receipt
            sku: sku
            quantity: qty
            price: price
            store_id: {value: market-stall}
          fields: {article: article}
          rest: drop
      """#,
    text: #"""
      receipt,line,sold_at,card,sku,article,qty,price
      5001,1,15/11/2025 12:31,L-5501,PLATE-S,"Plate, small",2,11.50
      5001,2,15/11/2025 12:31,L-5501,MUG-SAND,"Mug, sand glaze",1,14.95
      5002,1,15/11/2025 12:40,,BOWL-S,"Bowl, small",1,18.00
      5003,1,15/11/2025 13:02,L-7310,MUG-BLUE,"Mug, blue glaze",2,14.95
      """#)

  /// What the app on Lena's telephone noted down on a train without a signal.
  static let appEvents = DemoSample(
    title: "app events noted down on a train without a signal", name: "app-events.ndjson",
    format: "segment", mapping: nil,
    text: #"""
      {"type":"track","event":"Application Opened","messageId":"ios-01","userId":"u-1042","anonymousId":"app-9c21","timestamp":"2025-11-16T08:15:00.400Z","properties":{},"context":{"library":{"name":"analytics-ios","version":"4.1.8"},"device":{"id":"ios-9c21","type":"ios"}}}
      {"type":"identify","messageId":"ios-02","userId":"u-1042","anonymousId":"app-9c21","timestamp":"2025-11-16T08:15:02.100Z","traits":{"name":"Lena Ortiz Vidal","phone":"+34 600 111 222","loyaltyId":"L-5501"},"context":{"library":{"name":"analytics-ios","version":"4.1.8"},"device":{"id":"ios-9c21","type":"ios"}}}
      {"type":"track","event":"Product Viewed","messageId":"ios-03","userId":"u-1042","anonymousId":"app-9c21","timestamp":"2025-11-16T08:17:45.000Z","properties":{"sku":"TEAPOT","name":"Teapot","category":"teapots","price":48.00,"currency":"EUR"},"context":{"library":{"name":"analytics-ios","version":"4.1.8"},"device":{"id":"ios-9c21","type":"ios"}}}
      {"type":"track","event":"Survey Answered","messageId":"ios-04","userId":"u-1042","anonymousId":"app-9c21","timestamp":"2025-11-16T08:20:31.700Z","properties":{"survey":"ces","score":6},"context":{"library":{"name":"analytics-ios","version":"4.1.8"},"device":{"id":"ios-9c21","type":"ios"}}}
      {"type":"track","event":"Order Completed","messageId":"ios-05","userId":"u-1042","anonymousId":"app-9c21","timestamp":"2025-11-18T07:55:12.000Z","properties":{"order_id":"A-1044","total":48.00,"currency":"EUR","products":[{"sku":"TEAPOT","quantity":1,"price":48.00}]},"context":{"library":{"name":"analytics-ios","version":"4.1.8"},"device":{"id":"ios-9c21","type":"ios"}}}
      """#)
}
