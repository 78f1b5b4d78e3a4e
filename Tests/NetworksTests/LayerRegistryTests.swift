import Foundation
import Testing

@testable import Layers
@testable import Networks

/// The list of the notation's layers, and the documentation that is generated from it.
@Suite struct LayerRegistryTests {
  static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/notation.md").standardized
  static let markers = (begin: "<!-- layers -->\n", end: "\n<!-- end of layers -->")

  /// `UPDATE_NOTATION=1 swift test --filter LayerRegistryTests` updates the table.
  @Test func thePageHasTheTableOfTheRegistry() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let begin = try #require(text.range(of: Self.markers.begin)).upperBound
    let end = try #require(text.range(of: Self.markers.end)).lowerBound
    if ProcessInfo.processInfo.environment["UPDATE_NOTATION"] != nil {
      try (text[..<begin] + LayerRegistry.table + text[end...]).write(
        to: Self.page, atomically: true, encoding: .utf8)
      return
    }
    #expect(
      begin <= end && String(text[begin..<end]) == LayerRegistry.table,
      "docs/notation.md lacks the table of the registry: UPDATE_NOTATION=1 writes it")
  }

  @Test func wordsAreUniqueAndInSmallLetters() {
    let names = LayerRegistry.words.flatMap { [$0.name] + $0.aliases }
    #expect(names.count >= 23 && Set(names).count == names.count)
    #expect(names.allSatisfy { $0 == $0.lowercased() })
  }

  /// The options of a word's form are those that the layer reads, and their default values change
  /// nothing.
  @Test(arguments: LayerRegistry.words.filter { !$0.options.isEmpty }.map(\.name))
  func defaultsAreTheDocumentedOnes(_ name: String) throws {
    let word = try #require(LayerRegistry.words.first { $0.name == name })
    let arguments = word.arguments.first?.split(separator: ",").map { _ in "4" } ?? []
    func architecture(_ options: [String]) throws -> Architecture {
      let all = arguments + options
      return try Architecture(all.isEmpty ? name : "\(name)(\(all.joined(separator: ",")))")
    }
    let plain = try architecture([])
    #expect(try architecture(word.options.map { "\($0.key)=\($0.standard)" }) == plain)
    for option in word.options {
      #expect(try architecture(["\(option.key)=\(option.standard)"]) == plain)
    }
  }
}
