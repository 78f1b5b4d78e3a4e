import Foundation
import Testing

@testable import Commands

/// `docs/commands`: each command has a page with all its arguments and flags, which this suite writes:
///
///     UPDATE_COMMANDS=1 swift test --filter CommandPageTests
@Suite struct CommandPageTests {
  private static let start =
    "<!-- Written by `UPDATE_COMMANDS=1 swift test --filter CommandPageTests`. -->\n"
  private static let end = "<!-- The written part ends here. -->\n"

  private static func path(_ command: String) -> URL {
    Program.packageFolder.appending(path: "docs/commands/\(command).md")
  }

  /// Splits a page at the marks.
  private static func parts(_ page: String) -> (before: String, written: String, after: String)? {
    guard let first = page.range(of: start),
      let last = page.range(of: end, range: first.upperBound..<page.endIndex)
    else { return nil }
    return (
      String(page[..<first.upperBound]), String(page[first.upperBound..<last.lowerBound]),
      String(page[last.lowerBound...])
    )
  }

  @Test(arguments: Launcher.names) func aPageHasEveryFlag(_ command: String) throws {
    let page = try String(contentsOf: Self.path(command), encoding: .utf8)
    let parts = try #require(Self.parts(page), "docs/commands/\(command).md: no marks")
    let text = CommandManual(try CommandDescription.of(command)).text
    if ProcessInfo.processInfo.environment["UPDATE_COMMANDS"] == "1" {
      let whole = parts.before + text + parts.after
      try Data(whole.utf8).write(to: Self.path(command))
    } else {
      #expect(
        parts.written == text,
        "docs/commands/\(command).md is not up to date. UPDATE_COMMANDS=1 writes it.")
    }
  }

  /// What a page must have besides.
  @Test(arguments: Launcher.names) func aPageHasExamplesAndExitCodes(_ command: String) throws {
    let page = try String(contentsOf: Self.path(command), encoding: .utf8)
    #expect(page.hasPrefix("# \(command)\n"))
    #expect(page.contains("\n## Exit codes\n"))
    #expect(page.contains("$ swift run \(command)"), "\(command): no example with its output")
  }

  /// The written part itself, so that a page without a flag cannot pass.
  @Test func theWrittenPartNamesAllFlags() throws {
    let description = try CommandDescription.of("train")
    let text = CommandManual(description).text
    for flag in ["--lr", "--arch", "--progress", "--no-download", "--resume"] {
      #expect(text.contains("| `\(flag)"), "\(flag)")
    }
    #expect(description.arguments.count > 60)
    let benchmark = CommandManual(try CommandDescription.of("benchmark")).text
    for name in ["step", "layers", "kernels", "general"] {
      #expect(benchmark.contains("### benchmark \(name)"))
    }
  }

  @Test func everyPageIsOfACommand() throws {
    let folder = Program.packageFolder.appending(path: "docs/commands")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    #expect(names.sorted() == Launcher.names.map { "\($0).md" }.sorted())
  }
}

/// A command as swift-argument-parser describes it for tools.
struct CommandDescription: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let allValues: [String]?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
    let sectionTitle: String?

    /// `--name`, or `-n` for a short one.
    var flag: String? {
      guard let name = names?.first(where: { $0.kind == "long" }) ?? names?.first else {
        return nil
      }
      return (name.kind == "long" ? "--" : "-") + name.name
    }
  }

  let commandName: String
  let abstract: String?
  let defaultSubcommand: String?
  private let ownArguments: [Argument]?
  private let ownSubcommands: [CommandDescription]?

  private enum CodingKeys: String, CodingKey {
    case commandName, abstract, defaultSubcommand
    case ownArguments = "arguments"
    case ownSubcommands = "subcommands"
  }

  /// The arguments without those that every command has.
  var arguments: [Argument] {
    (ownArguments ?? []).filter { argument in
      let isCommon = argument.flag == "--help" || argument.flag == "--version"
      return argument.shouldDisplay && !isCommon
    }
  }

  var subcommands: [CommandDescription] {
    (ownSubcommands ?? []).filter { $0.commandName != "help" }
  }

  private struct Tool: Decodable {
    let command: CommandDescription
  }

  static func of(_ name: String) throws -> CommandDescription {
    let tool = try JSONDecoder().decode(Tool.self, from: Data(LectureCNN._dumpHelp().utf8))
    return try #require(tool.command.subcommands.first { $0.commandName == name })
  }
}

/// The part of a command's page that follows from its flags.
struct CommandManual {
  private let command: CommandDescription

  init(_ command: CommandDescription) { self.command = command }

  var text: String {
    guard command.subcommands.isEmpty else {
      return "\n" + Self.sentence(command) + "\n"
        + command.subcommands.map { sub in
          let isDefault = sub.commandName == command.defaultSubcommand
          let name = "\(command.commandName) \(sub.commandName)"
          return "\n### \(name)\n\n" + Self.sentence(sub)
            + (isDefault ? " `\(sub.commandName)` may be left out." : "")
            + Self.synopsis(sub, name) + Self.tables(sub)
        }.joined() + "\n"
    }
    return "\n" + Self.sentence(command) + Self.synopsis(command, command.commandName)
      + Self.tables(command) + "\n"
  }

  private static func sentence(_ command: CommandDescription) -> String {
    (command.abstract ?? "").split(separator: "\n").joined(separator: " ")
  }

  private static func synopsis(_ command: CommandDescription, _ name: String) -> String {
    let positional = command.arguments.filter { $0.kind == "positional" }.map { argument in
      let value = "<\(argument.valueName ?? "value")>" + (argument.isRepeating ? "…" : "")
      return argument.isOptional ? "[\(value)]" : value
    }
    let flags = command.arguments.contains { $0.kind != "positional" } ? ["[flags]"] : []
    return "\n\n```\n" + (["swift run \(name)"] + positional + flags).joined(separator: " ")
      + "\n```\n"
  }

  /// A table for the arguments, and one for each group of flags.
  private static func tables(_ command: CommandDescription) -> String {
    let positional = command.arguments.filter { $0.kind == "positional" }
    let flags = command.arguments.filter { $0.kind != "positional" }
    var titles: [String] = []
    for flag in flags where !titles.contains(flag.sectionTitle ?? "") {
      titles.append(flag.sectionTitle ?? "")
    }
    // The command's own flags first.
    titles.sort { $0.isEmpty && !$1.isEmpty }
    var text = ""
    if !positional.isEmpty {
      text += table(
        "argument", positional.map { (name: "`<\($0.valueName ?? "value")>`", argument: $0) })
    }
    for title in titles {
      text += table(
        title.isEmpty ? "flag" : title.lowercased(),
        flags.filter { ($0.sectionTitle ?? "") == title }.map { flag in
          let value = flag.kind == "option" ? " <\(flag.valueName ?? "value")>" : ""
          return (name: "`\(flag.flag ?? "")\(value.replacing("|", with: "\\|"))`", argument: flag)
        })
    }
    return text
  }

  private static func table(
    _ title: String, _ rows: [(name: String, argument: CommandDescription.Argument)]
  ) -> String {
    "\n| \(title) | |\n|---|---|\n"
      + rows.map { "| \($0.name) | \(meaning(of: $0.argument)) |\n" }.joined()
  }

  /// The help with the values and the default, if it does not name them itself.
  private static func meaning(of argument: CommandDescription.Argument) -> String {
    var text = (argument.abstract ?? "").split(separator: "\n").joined(separator: " ")
    if let values = argument.allValues, !values.isEmpty,
      !values.allSatisfy({ text.contains($0) })
    {
      text += " Values: \(values.joined(separator: ", "))."
    }
    // The default of a list of values is not fixed text.
    if let value = argument.defaultValue, argument.kind != "flag", !text.contains("(default:") {
      text += " (default: \(value))"
    }
    return text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
      .replacing("*", with: "\\*")
  }
}
