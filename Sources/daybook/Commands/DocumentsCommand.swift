internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import Foundation
internal import HybridTime
internal import InteractionLog

/// `daybook documents`.
struct DocumentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "documents",
    abstract: "See and set the book's schemas and metric scales.",
    discussion: """
      A schema says which fields of an event type are facts; all others stay personal. Metric \
      scales say which answers count for NPS, CSAT and CES. Both are documents: texts that are \
      declared and activated by events, so that every replica reads an event by the same ones. \
      docs/guide/own-event-types.md shows how to write them.

      Examples:
        daybook documents
        daybook documents show schema order.completed
        daybook documents activate visit-rated.schema --since 2024-01-01
      """,
    subcommands: [
      DocumentsListCommand.self, DocumentsShowCommand.self, DocumentsActivateCommand.self,
      DocumentsDeactivateCommand.self,
    ],
    defaultSubcommand: DocumentsListCommand.self)
}

/// `daybook documents list`.
struct DocumentsListCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the documents that were activated: since when they hold, and by whom.",
    discussion: """
      Example:
        daybook documents list --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let listings = try replica.documents()
    try replica.close()
    if output.ndjson {
      for listing in listings { console.output.line(listing.value) }
    } else if output.json {
      console.output.line(.object([Value.Field("documents", .array(listings.map(\.value)))]))
    } else if listings.isEmpty {
      console.output.line("No document was activated: what is built in holds.")
    } else {
      show(listings, on: console)
    }
    return .done
  }

  private func show(_ listings: [DocumentListing], on console: Console) {
    var table = TextTable("DOCUMENT", "DIGEST", "SINCE", "BY", "")
    for listing in listings {
      let notes = [
        listing.isInForce ? "in force" : nil, listing.isReadable ? nil : "unreadable here",
      ]
      table.add([
        "\(listing.subject.kind.rawValue) \(listing.subject.name)",
        listing.isBuiltIn ? "built in" : String("\(listing.digest)".prefix(12)),
        CivilTime.text(milliseconds: listing.sinceMilliseconds),
        listing.activation.origin.description, notes.compactMap(\.self).joined(separator: ", "),
      ])
    }
    table.write(to: console)
  }
}

/// `daybook documents show`.
struct DocumentsShowCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a document: the one in force, or any by its digest.",
    discussion: """
      What is printed can be edited and activated.

      Examples:
        daybook documents show schema order.completed
        daybook documents show metric-scales > scales.txt
        daybook documents show 27c1e0
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var document: DocumentArgument

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let found = try find(in: replica)
    try replica.close()
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("kind", .text(found.subject.kind.rawValue)),
          Value.Field("subject", found.subject.name.isEmpty ? .null : .text(found.subject.name)),
          Value.Field("digest", .text("\(found.digest)")),
          Value.Field("content", .text(found.text)),
        ]))
    } else {
      console.output.line(String(found.text.dropLast()))
      console.remark("digest \(found.digest)")
    }
    return .done
  }

  private func find(in replica: ReplicaCore) throws -> BookDocument {
    if let subject = document.subject {
      if let found = try replica.document(inForceFor: subject) { return found }
      throw CommandError(
        code: "not_found",
        "no schema of this type is in force, and none is built in: all its fields are personal",
        at: subject.name, status: .negative)
    }
    guard document.name == nil, DocumentKind(rawValue: document.kind) == nil else {
      throw CommandError(code: "bad_request", DocumentArgument.remedy, status: .usage)
    }
    let found = try replica.documents(digest: document.kind.lowercased())
    guard let first = found.first, found.count == 1 else {
      throw CommandError(
        code: "not_found",
        found.isEmpty
          ? "no document has a digest that begins so; " + DocumentArgument.remedy
          : "\(found.count) documents have a digest that begins so; give more digits",
        status: .negative)
    }
    return first
  }
}

/// `daybook documents activate`.
struct DocumentsActivateCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate",
    abstract: "Put a document in force, for events from now on or since a time.",
    discussion: """
      The file is checked in full before anything is appended. A schema in place of another one \
      says with '@from DIGEST' how events of that one are read. New events are taken in by the \
      document at once; those that happened before it keep being read as they were, unless \
      --since says otherwise.

      Examples:
        daybook documents activate visit-rated.schema --dry-run
        daybook documents activate visit-rated.schema --since 2024-01-01
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The document.", valueName: "FILE"))
  var file: String

  @Option(help: ArgumentHelp("From when on events are read by it.", valueName: "T"))
  var since: TimeArgument?

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  @Flag(help: "Check only; append nothing.")
  var dryRun = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let document = try read()
    let replica = try store.open(on: console)
    let done = try replica.activate(
      document, sinceMilliseconds: since?.milliseconds, isTrial: dryRun, reason: reason)
    try replica.close()
    if output.isForPrograms {
      console.output.line(done.value)
    } else if dryRun {
      console.output.line("The document \(done.digest) can be activated; nothing was appended.")
    } else {
      console.output.line("Activated \(done.subject.kind.rawValue) \(done.digest).")
      console.remark("It reaches other replicas with the next sync.")
    }
    return .done
  }

  private func read() throws -> BookDocument {
    guard let handle = FileHandle(forReadingAtPath: file) else {
      throw CommandError(
        code: "document", "the file cannot be opened; check its path", at: file, status: .usage)
    }
    let data = try handle.read(upToCount: DocumentLines.byteCountMax + 1) ?? Data()
    guard let text = String(data: data, encoding: .utf8) else {
      throw CommandError(
        code: "document", "the file is not UTF-8 text of at most 64 KiB", at: file, status: .usage)
    }
    do {
      return try BookDocument(source: text)
    } catch {
      throw CommandError(
        code: "document", error.message, at: "\(file):\(error.line)", status: .usage)
    }
  }
}

/// `daybook documents deactivate`.
struct DocumentsDeactivateCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "deactivate",
    abstract: "Put what is built in back in force.",
    discussion: """
      Events that were written under the document keep the facts it gave them.

      Examples:
        daybook documents deactivate schema visit.rated
        daybook documents deactivate metric-scales --since 2026-01-01
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var document: DocumentArgument

  @Option(help: ArgumentHelp("From when on.", valueName: "T"))
  var since: TimeArgument?

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  mutating func perform(on console: Console) throws -> ExitStatus {
    guard let subject = document.subject else {
      throw CommandError(code: "bad_request", DocumentArgument.remedy, status: .usage)
    }
    let replica = try store.open(on: console)
    let done = try replica.deactivate(
      subject, sinceMilliseconds: since?.milliseconds, reason: reason)
    try replica.close()
    if output.isForPrograms {
      console.output.line(done.value)
    } else {
      console.output.line("What is built in holds again for \(subject.kind.rawValue).")
    }
    return .done
  }
}
