import Foundation

@testable import Layers

extension ConvolutionNumerics {
  /// The first cells of a row: the algorithm and the problem.
  var label: [String] {
    let image = "\(problem.extent)×\(problem.extent)"
    var name = algorithm
    if algorithm == WinogradRowConvolution.name {
      name += " F(4, \(problem.kernel))"
    } else if algorithm == WinogradConvolution.name {
      let tile = WinogradConvolution(problem.geometry).tiling.tile
      let kernel = ConvolutionPhases(problem.geometry).inner.rows.kernel
      name += " F(\(tile), \(kernel)×\(kernel))"
    }
    return [
      name, "\(problem.kernel)×\(problem.kernel)", "\(problem.inputs) → \(problem.outputs)",
      problem.padding == .same ? image : "\(image), valid",
    ]
  }

  /// The numbers in the other cells: the rms and the maximum error of y, ∂x and ∂w.
  var deviations: [Double] { [y, dx, dw].flatMap { [$0.rms, $0.worst] } }

  var cells: [String] { label + deviations.map(Self.text) }

  static func text(_ deviation: Double) -> String { String(format: "%.1e", deviation) }
}

/// A table of a Markdown file with a given header.
struct MarkdownTable {
  let header: [String]

  private var start: String {
    Self.line(header) + "\n" + "|" + String(repeating: "---|", count: header.count) + "\n"
  }

  static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// The rows of the table in `text`, or nil if `text` has no such table.
  func rows(in text: String) -> [[String]]? {
    guard let range = range(in: text) else { return nil }
    return text[range].split(separator: "\n").map { line in
      line.dropFirst(2).dropLast(2).components(separatedBy: " | ")
    }
  }

  /// `text` with `rows` in the table, or nil if `text` has no such table.
  func replacingRows(in text: String, by rows: [[String]]) -> String? {
    range(in: text).map {
      text.replacingCharacters(in: $0, with: rows.map { Self.line($0) + "\n" }.joined())
    }
  }

  private func range(in text: String) -> Range<String.Index>? {
    guard let first = text.range(of: start)?.upperBound else { return nil }
    let blank = text.range(of: "\n\n", range: text.index(before: first)..<text.endIndex)
    return first..<(blank.map { text.index(after: $0.lowerBound) } ?? text.endIndex)
  }
}
