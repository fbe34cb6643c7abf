internal import ArgumentParser
internal import Foundation
internal import InteractionLog

/// Which store a command works on.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .customLong("store"),
    help: ArgumentHelp(
      "The store's directory. (default: $DAYBOOK_STORE, or ./daybook-store)", valueName: "DIR"))
  var path: String?

  /// The directory named by the option, else by the environment, else the default one.
  var directory: String {
    let named = path ?? ProcessInfo.processInfo.environment["DAYBOOK_STORE"] ?? ""
    return named.isEmpty ? "./daybook-store" : named.withoutTrailingSlashes
  }

  /// Opens the store's replica.
  ///
  /// - Parameter console: Hears of what recovery found.
  /// - Returns: The replica, holding the store's lock.
  /// - Throws: ``ReplicaError``; where there is no store, one that says how to make one.
  func open(on console: Console) throws -> ReplicaCore {
    try ReplicaCore.open(at: directory, on: console)
  }

  /// Opens the store's replica and brings its read models up to date, for commands that answer
  /// from them.
  ///
  /// - Parameter console: Shows progress when there is much to fold.
  /// - Returns: The replica.
  /// - Throws: ``ReplicaError``.
  func openForAnswers(on console: Console) throws -> ReplicaCore {
    let replica = try open(on: console)
    try replica.catchUp(on: console)
    return replica
  }
}

extension String {
  /// The path without the slashes at its end, unless it is the root.
  var withoutTrailingSlashes: String {
    var path = self[...]
    while path.count > 1, path.last == "/" { path = path.dropLast() }
    return String(path)
  }
}

extension ReplicaCore {
  /// Opens the replica in a directory.
  ///
  /// - Parameters:
  ///   - directory: The store.
  ///   - console: Hears of what recovery found.
  /// - Returns: The replica, holding the store's lock.
  /// - Throws: ``ReplicaError``.
  static func open(at directory: String, on console: Console) throws -> ReplicaCore {
    let replica = try open(at: directory, environment: .thisMachine)
    for remark in replica.recovery.remarks { console.remark(remark) }
    return replica
  }

  /// Folds what the read models have not seen yet, with a progress line.
  ///
  /// - Parameter console: Where the line is drawn.
  /// - Throws: ``ReplicaError``.
  func catchUp(on console: Console) throws {
    let progress = ProgressLine("answers", on: console)
    defer { progress.end() }
    let notices = try catchUp { folded, total in progress.update(done: folded, of: total) }
    progress.end()
    for notice in notices { console.remark(notice) }
  }
}
