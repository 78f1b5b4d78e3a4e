import Foundation
import Layers
import Testing

@testable import Files
@testable import Networks

/// `docs/lecture.md`: every row of the lecture has a formula, a fast layer, a command and a test,
/// and all names on the page exist.
@Suite struct LecturePageTests {
  static let page: String =
    (try? String(
      contentsOf: Program.packageFolder.appending(path: "docs/lecture.md"), encoding: .utf8)) ?? ""

  @Test func everyRowIsFilledAndTrue() throws {
    let complaints = try PageChecker().complaints(about: Self.page)
    #expect(complaints == [])
  }

  /// The messages for a wrong name on the page and for code that no longer exists.
  @Test func aLostNameIsTold() throws {
    let checker = try PageChecker()
    for (text, mistaken, complaint) in [
      ("`reluBackward`", "`reluBackwards`", "L7: Textbook has no reluBackwards"),
      ("`doublyCirculant`", "`doubly…circulant`", "L19: Textbook has no doubly…circulant"),
      ("`WinogradConvolution`", "`WinogradConvolve`", "L22: Sources have no WinogradConvolve"),
      (
        "winograd-points.h`", "winograd-dots.h`",
        "L22: there is no Sources/CKernels/winograd-dots.h"
      ),
      (
        "`gradcheck exercise`", "`gradcheck exercises`", "L12: gradcheck exercises: no such command"
      ),
      ("`gradcheck exercise`", "`grad exercise`", "L12: grad exercise: no such command"),
      (
        "`train --conv-algorithm im2row`", "`train --algorithm im2row`",
        "L20: train has no --algorithm"
      ),
      ("\"fc(classes)\"", "\"fd(classes)\"", "L3: no network: fd(classes)"),
      ("--model lenet5", "--model lenet6", "L2: no model lenet6"),
      ("`WorkedExerciseTests`", "`ExerciseTests`", "L12: there is no suite ExerciseTests"),
      ("| `finiteDifference` |", "| |", "L23: Textbook is empty"),
      ("| L8 |", "| L9 |", "rows are not L1 to L23"),
      ("`relu`, `reluBackward`", "not yet", "L7: not yet"),
    ] {
      #expect(Self.page.contains(text))
      let complaints = checker.complaints(about: Self.page.replacing(text, with: mistaken))
      #expect(complaints.contains(complaint), "\(complaints)")
    }
  }
}

/// Reads the page's table and checks that the names in it exist.
private final class PageChecker {
  private let textbook: Declarations
  private let sources: Declarations
  private let tests: Declarations
  private let scratch: Scratch
  /// The outputs of commands so far.
  private var known: [[String]: String?] = [:]

  init() throws {
    textbook = try Declarations("Sources/Textbook")
    sources = try Declarations("Sources")
    tests = try Declarations("Tests")
    scratch = try Scratch()
  }

  func complaints(about page: String) -> [String] {
    let rows = page.split(separator: "\n").filter { $0.contains(/^\| L\d+ \|/) }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    var complaints: [String] = []
    if rows.map(\.[0]) != (1...23).map({ "L\($0)" }) { complaints.append("rows are not L1 to L23") }
    for row in rows {
      guard row.count == 6 else {
        complaints.append("\(row[0]): \(row.count) cells")
        continue
      }
      for (title, cell) in zip(["system", "Textbook", "fast layer", "command", "test"], row[1...]) {
        if cell.isEmpty { complaints.append("\(row[0]): \(title) is empty") }
        if cell.contains("not yet") { complaints.append("\(row[0]): not yet") }
      }
      let found =
        quoted(row[2]).filter { !textbook.has($0) }.map { "Textbook has no \($0)" }
        + quoted(row[3]).compactMap(fastLayer)
        + quoted(row[4]).flatMap(command)
        + quoted(row[5]).filter { !tests.has($0) }.map { "there is no suite \($0)" }
      complaints += found.map { "\(row[0]): \($0)" }
    }
    return complaints
  }

  private func quoted(_ cell: String) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.1) }
  }

  private func fastLayer(_ name: String) -> String? {
    if name.contains("/") {
      return FileManager.default.fileExists(
        atPath: Program.packageFolder.appending(path: name).path(percentEncoded: false))
        ? nil : "there is no \(name)"
    }
    return sources.has(name) ? nil : "Sources have no \(name)"
  }

  /// A command line without the words `swift run`.
  private func command(_ line: String) -> [String] {
    if line.hasPrefix("swift test") { return [] }
    let words = line.replacing(/"[^"]*"/, with: "…").split(separator: " ").map(String.init)
    let name = words.prefix { !$0.hasPrefix("-") }
    guard let help = help(Array(name)) else {
      return ["\(name.joined(separator: " ")): no such command"]
    }
    var complaints = words.filter { $0.hasPrefix("--") && !help.contains("\($0) ") }.map {
      "\(name.joined(separator: " ")) has no \($0)"
    }
    for match in line.matches(of: /--arch "([^"]*)"/) {
      let network = try? Architecture(String(match.1)).stack(input: [1, 28, 28, 1], classes: 10)
      if network == nil { complaints.append("no network: \(match.1)") }
    }
    for match in line.matches(of: /--model (\S+)/) where NamedModel.named(String(match.1)) == nil {
      complaints.append("no model \(match.1)")
    }
    return complaints
  }

  /// The help of a command or a subcommand; nil if it does not exist.
  private func help(_ name: [String]) -> String? {
    if let help = known[name] { return help }
    let help = askForHelp(name)
    known[name] = .some(help)
    return help
  }

  private func askForHelp(_ name: [String]) -> String? {
    guard let command = name.first, name.count <= 2,
      FileManager.default.isExecutableFile(
        atPath: Program.folder.appending(path: command).path(percentEncoded: false)),
      let own = try? Program.run(command, ["--help"], in: scratch), own.status == 0
    else { return nil }
    guard name.count == 2 else {
      // With a default subcommand, the flags are those of the subcommand.
      guard let usual = own.output.firstMatch(of: /(\w+) \(default\)/),
        let more = try? Program.run(command, [String(usual.1), "--help"], in: scratch)
      else { return own.output }
      return own.output + more.output
    }
    guard own.output.contains("\n  \(name[1]) "),
      let outcome = try? Program.run(command, [name[1], "--help"], in: scratch),
      outcome.status == 0
    else { return nil }
    return outcome.output
  }
}

/// The declarations in the Swift files of a folder.
private struct Declarations {
  private static let keywords: Set<Substring> = [
    "func", "struct", "class", "enum", "protocol", "typealias",
  ]
  private var names: Set<String> = []

  init(_ folder: String) throws {
    let url = Program.packageFolder.appending(path: folder)
    let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      for (keyword, name) in zip(words, words.dropFirst()) where Self.keywords.contains(keyword) {
        names.insert(String(name))
      }
    }
  }

  /// True if `name` is declared. `…` stands for any part of a name, a dot separates nested types,
  /// and argument labels are not checked.
  func has(_ name: String) -> Bool {
    let name = name.prefix { $0 != "(" }
    return name.split(separator: ".").allSatisfy { part in
      let parts = part.split(separator: "…", omittingEmptySubsequences: false)
      guard parts.count > 1 else { return names.contains(String(part)) }
      return names.contains { declared in
        guard declared.hasPrefix(parts[0]), declared.hasSuffix(parts[parts.count - 1]) else {
          return false
        }
        return declared.count >= parts.reduce(0) { $0 + $1.count }
      }
    }
  }
}
