import ChannelAdapters
import EventModel
import Foundation
import ImportFiles
import Testing

/// Recorded tables through the mapping files of the guide; skipped where the data is absent.
@Suite("Recorded tables", .enabled(if: RecordedTables.isThere))
struct RecordedTablesTests {
  private func run(
    _ mapping: String, _ table: String
  ) throws -> (drafts: [EventDraft], rows: Int, refused: Int) {
    let path = RecordedTables.mappings + "/\(mapping).yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let pipeline = ImportPipeline(
      format: .csv(try MappingFile.parse(text)), context: AdapterContext(), wallMilliseconds: 0)
    var batches: [ImportBatch] = []
    try pipeline.run(paths: [RecordedTables.data + "/\(table).csv.zst"]) { batches.append($0) }
    return (
      batches.flatMap(\.drafts), batches.reduce(0) { $0 + $1.messageCount },
      batches.reduce(0) { $0 + $1.deadLetters.count }
    )
  }

  @Test("Every order is an event for each moment of its life")
  func orders() throws {
    let (drafts, rows, refused) = try run("olist-orders", "orders-olist/olist_orders_dataset")
    #expect(rows == 19_511)
    #expect(refused == 0)
    #expect(drafts.count(where: { $0.type.name == "order.completed" }) == rows)
    #expect(Set(drafts.map(\.idempotencyKey)).count == drafts.count)
    let first = try #require(drafts.first)
    // 2016-09-04 21:15:19 in São Paulo, three hours behind UTC.
    #expect(first.sections[0].integer(ReservedName.occurred) == 1_473_034_519_000)
    #expect(first.sections[0].text("status") == "shipped")
  }

  @Test("Every review is a CSAT rating")
  func reviews() throws {
    let (drafts, rows, refused) = try run(
      "olist-reviews", "orders-olist/olist_order_reviews_dataset")
    #expect(rows == 9_723)
    #expect(refused == 0)
    #expect(Set(drafts.map(\.idempotencyKey)).count == rows)
    #expect(drafts.allSatisfy { 1...5 ~= $0.sections[0].integer("rating") ?? 0 })
  }

  @Test("Customer ids and the persons behind them are linked")
  func customers() throws {
    let (drafts, rows, refused) = try run(
      "olist-customers", "orders-olist/olist_customers_dataset")
    #expect(rows == 17_810)
    #expect(refused == 0)
    #expect(drafts.allSatisfy { $0.sections[1].identifiers.count == 2 })
  }

  @Test("Rows that truly repeat stay repeated, and the file again gives the same keys")
  func retail() throws {
    let table = "pos-online-retail/online-retail-dataset"
    let (drafts, rows, refused) = try run("pos-online-retail", table)
    #expect(rows == 245_903)
    #expect(refused == 0)
    #expect(drafts.count == rows)
    let keys = Set(drafts.map(\.idempotencyKey))
    #expect(keys.count == rows)
    #expect(Set(try run("pos-online-retail", table).drafts.map(\.idempotencyKey)) == keys)
    #expect(drafts.count(where: { $0.type.name == "product.returned" }) > 1_000)
    #expect(drafts[0].sections[1].identifiers.map(\.description) == ["user:17850"])
    #expect(drafts.allSatisfy { $0.sections[0].value("price") != nil })
  }

  @Test("Answers without a score are no answers")
  func survey() throws {
    let (drafts, rows, refused) = try run("survey-nps", "survey-nps/nps")
    #expect(rows == 8_448)
    #expect(refused == 0)
    #expect(drafts.count == rows)
    let answers = drafts.filter { $0.type.name == "survey.answered" }
    #expect(answers.allSatisfy { 0...10 ~= $0.sections[0].integer("score") ?? -1 })
  }
}

/// Where the recorded tables are: `DAYBOOK_TEST_DATA`, else `../shared/data` beside the package.
enum RecordedTables {
  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let mappings = package.appendingPathComponent("docs/guide/mappings").path

  static let data =
    ProcessInfo.processInfo.environment["DAYBOOK_TEST_DATA"]
    ?? package.deletingLastPathComponent().appendingPathComponent("shared/data").path

  static var isThere: Bool {
    FileManager.default.fileExists(atPath: data + "/survey-nps/nps.csv.zst")
  }
}
