import Foundation
import Testing

/// The links of all pages: files, headings and pictures exist, and every page can be reached.
@Suite struct DocumentLinkTests {
  private static let root = Program.packageFolder.standardizedFileURL

  /// The paths of all pages of the package, relative to its folder.
  private static func pages() -> [String] {
    var found: [String] = []
    for folder in ["", "docs", "docs/commands", "data/mnist-sample", "recipes", "Examples/Library"]
    {
      let path = root.appending(path: folder).path(percentEncoded: false)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      where name.hasSuffix(".md") {
        found.append(folder.isEmpty ? name : "\(folder)/\(name)")
      }
    }
    return found.sorted()
  }

  /// The text without blocks and spans of code, which have no links.
  private static func prose(_ page: String) -> String {
    var isCode = false
    return page.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("```") {
        isCode.toggle()
        return ""
      }
      return isCode ? "" : String(line.replacing(/`[^`]*`/, with: "code"))
    }.joined(separator: "\n")
  }

  /// The targets of `[text](target)` and `![text](target)`.
  static func links(_ page: String) -> [String] {
    prose(page).matches(of: /\]\(([^()\s]+)\)/).map { String($0.1) }
  }

  /// The anchors that GitHub gives to the headings.
  static func anchors(_ page: String) -> Set<String> {
    var isCode = false
    var anchors: Set<String> = []
    for line in page.split(separator: "\n") {
      if line.hasPrefix("```") { isCode.toggle() }
      guard !isCode, let heading = line.firstMatch(of: /^#{1,6} (.+)$/) else { continue }
      let text = heading.1.replacing(/\]\([^)]*\)/, with: "").lowercased()
      let anchor = String(
        text.compactMap { character in
          character.isLetter || character.isNumber || character == "-" || character == "_"
            ? character : character == " " ? "-" : nil
        })
      var (name, number) = (anchor, 0)
      while !anchors.insert(name).inserted {
        number += 1
        name = "\(anchor)-\(number)"
      }
    }
    return anchors
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
  }

  /// The path of a link's file from the package's folder, and its anchor.
  private static func target(_ link: String, on page: String) -> (path: String, anchor: String?) {
    let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let anchor = parts.count > 1 ? String(parts[1]) : nil
    guard !parts[0].isEmpty else { return (page, anchor) }
    var folders = page.split(separator: "/").dropLast().map(String.init)
    for part in parts[0].split(separator: "/") {
      if part == ".." { folders.removeLast() } else if part != "." { folders.append(String(part)) }
    }
    return (folders.joined(separator: "/"), anchor)
  }

  @Test func everyLinkLeadsSomewhere() {
    let pages = Self.pages()
    #expect(pages.count > 30)
    for page in pages {
      for link in Self.links(Self.text(page)) where !link.contains("://") {
        let (path, anchor) = Self.target(link, on: page)
        let file = Self.root.appending(path: path).path(percentEncoded: false)
        #expect(FileManager.default.fileExists(atPath: file), "\(page): \(link)")
        guard let anchor, path.hasSuffix(".md") else { continue }
        #expect(Self.anchors(Self.text(path)).contains(anchor), "\(page): \(link)")
      }
    }
  }

  /// Every page can be reached from README.md, and every picture is on a page.
  @Test func everyPageIsFound() throws {
    var reached: Set = ["README.md"]
    var waiting = ["README.md"]
    while let page = waiting.popLast() {
      for link in Self.links(Self.text(page)) where !link.contains("://") {
        let (path, _) = Self.target(link, on: page)
        guard reached.insert(path).inserted, path.hasSuffix(".md") else { continue }
        waiting.append(path)
      }
    }
    for page in Self.pages() where page.hasPrefix("docs/") {
      #expect(reached.contains(page), "\(page) is not linked")
    }
    let folder = Self.root.appending(path: "docs/images").path(percentEncoded: false)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      #expect(reached.contains("docs/images/\(name)"), "docs/images/\(name) is on no page")
    }
  }

  @Test func linksAndAnchorsAreUnderstood() {
    let page = """
      # A page
      [one](a.md) and ![two](images/b.png), `[code](c.md)`, [three](#a-heading-of-3)
      ```
      # no heading
      [no](link.md)
      ```
      ## A `heading` of 3!
      ## A page
      """
    #expect(Self.links(page) == ["a.md", "images/b.png", "#a-heading-of-3"])
    #expect(Self.anchors(page) == ["a-page", "a-heading-of-3", "a-page-1"])
  }
}
