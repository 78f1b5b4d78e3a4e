import Foundation
import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// Compares the rounding errors of every algorithm with fixed limits and with the tables of
/// `docs/numerics.md`.
///
/// After a change that alters rounding,
/// `UPDATE_NUMERICS=1 swift test --filter ConvolutionNumericsTests` updates the tables. A run that
/// writes them fails, so that only a run that reads them can pass.
@Suite(.serialized) struct ConvolutionNumericsTests {
  /// The maximum ratio between an error and the table's. Rounding is the same on every processor,
  /// so the factor allows only for the table's two digits and for small changes of an algorithm.
  private static let slack = 1.25

  /// The maximum rms error of an algorithm's results. The limits do not depend on the tables, so a
  /// new table cannot hide a loss of precision.
  ///
  /// The rounding errors of a sum of n products grow to about 6e-8·√n, which is 5e-6 for the
  /// longest sums with 25·256 terms. Winograd's transforms amplify rounding errors, and amplify
  /// them more along both axes than along rows alone.
  private static let rmsLimits = [
    "direct": 5e-6, "narrow": 5e-6, "im2row": 5e-6, "circulant": 5e-6, "winograd-rows": 1e-5,
    "winograd": 4e-5,
  ]

  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_NUMERICS"] != nil

  private static let document = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/numerics.md")

  private static let all = MarkdownTable(
    header: [
      "algorithm", "kernel", "channels", "image", "y", "worst", "∂x", "worst", "∂w", "worst",
    ])
  private static let summary = MarkdownTable(
    header: ["algorithm", "layers", "y", "∂x", "∂w", "worst of all"])

  private static let batches = MarkdownTable(
    header: ["algorithm", "channels"] + exampleCounts.map { "\($0) examples" })
  private static let exampleCounts = [2, 16, 64]

  /// The tables must include the passes that process the whole batch.
  @Test func someProblemsUseWinogradOnTheWholeBatch() {
    for kernel in [3, 5] {
      let extents = ConvolutionNumerics.problems.filter {
        $0.kernel == kernel && WinogradConvolution($0.geometry).takesWholeBatch
      }.map(\.extent)
      #expect(Set(extents).isSuperset(of: [4, 8, 16]), "\(kernel)×\(kernel): \(extents)")
    }
  }

  @Test func errorsAreThoseOfTheTableAndBelowFixedLimits() throws {
    let measured = try ConvolutionNumerics.problems.enumerated().flatMap { number, problem in
      try ConvolutionNumerics.measure(problem, seed: 1000 + number)
    }
    for found in measured {
      let limit = try #require(Self.rmsLimits[found.algorithm])
      let worst = max(found.y.rms, found.dx.rms, found.dw.rms)
      #expect(worst < limit, "\(found.label)")
    }
    if Self.isUpdating { return try update(measured) }

    let text = try String(contentsOf: Self.document, encoding: .utf8)
    let rows = try #require(Self.all.rows(in: text))
    #expect(rows.map { Array($0.prefix(4)) } == measured.map(\.label))
    for (found, row) in zip(measured, rows) {
      let limits = try row.dropFirst(4).map { try #require(Double($0)) }
      try #require(limits.count == found.deviations.count)
      for (index, limit) in limits.enumerated() {
        let deviation = found.deviations[index]
        let what = "\(found.label), \(Self.all.header[4 + index / 2 * 2]), number \(index % 2 + 1)"
        #expect(deviation < limit * Self.slack, "\(what): worse than the table")
        #expect(deviation > limit / Self.slack, "\(what): better than the table. Update the table.")
      }
    }
    #expect(Self.summary.rows(in: text) == Self.summarize(rows))
  }

  /// The rows of the summary: the minimum and the maximum rms error of each result, for each
  /// algorithm.
  private static func summarize(_ rows: [[String]]) -> [[String]] {
    var names: [String] = []
    for row in rows where !names.contains(row[0]) { names.append(row[0]) }
    return names.sorted().map { name in
      let own = rows.filter { $0[0] == name }
      func values(_ column: Int) -> [Double] { own.compactMap { Double($0[column]) } }
      let ranges = [4, 6, 8].map { column in
        let values = values(column)
        return "\(ConvolutionNumerics.text(values.min() ?? 0)) … "
          + ConvolutionNumerics.text(values.max() ?? 0)
      }
      let worst = [5, 7, 9].flatMap(values).max() ?? 0
      return [name, "\(own.count)"] + ranges + [ConvolutionNumerics.text(worst)]
    }
  }

  /// The rms error of ∂w if each lane sums its own part of the batch, and if one chain sums the
  /// whole batch.
  @Test func errorsGrowWithTheBatchAsInTheTable() throws {
    var measured: [[String]] = []
    for channels in [32, 128] {
      let problem = ConvolutionNumerics.Problem(
        kernel: 3, inputs: channels, outputs: channels, extent: 8, padding: .same)
      #expect(WinogradConvolution(problem.geometry).takesWholeBatch == (channels == 128))
      let batches = try Self.exampleCounts.map {
        try ConvolutionNumerics.measure(
          problem, seed: 2000 + $0, examples: $0,
          algorithms: [WinogradConvolution.self, DirectConvolution.self])
      }
      for number in batches[0].indices {
        let limit = try #require(Self.rmsLimits[batches[0][number].algorithm])
        #expect(batches.allSatisfy { $0[number].dw.rms < limit }, "\(batches[0][number].label)")
        let errors = batches.map { ConvolutionNumerics.text($0[number].dw.rms) }
        measured.append([batches[0][number].label[0], batches[0][number].label[2]] + errors)
      }
    }
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    if Self.isUpdating {
      return try write(#require(Self.batches.replacingRows(in: text, by: measured)))
    }
    #expect(Self.batches.rows(in: text) == measured)
  }

  /// Writes the table and the summary.
  private func update(_ measured: [ConvolutionNumerics]) throws {
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    let rows = measured.map(\.cells)
    let filled = try #require(Self.all.replacingRows(in: text, by: rows))
    try write(#require(Self.summary.replacingRows(in: filled, by: Self.summarize(rows))))
  }

  /// Writes the page and fails.
  private func write(_ text: String) throws {
    try text.write(to: Self.document, atomically: true, encoding: .utf8)
    Issue.record("The table was written. Run the tests again without UPDATE_NUMERICS.")
  }

  /// The outputs beside a large input, computed by algorithm `name` and in double.
  ///
  /// Of 8×8 inputs below 1, the input at (5, 5) is `large`. The results are the outputs in 4 ..< 8
  /// × 4 ..< 8, a tile of F(4×4, 3×3), that do not read this input.
  private func outputsBeside(
    _ large: Float, by name: String
  ) throws -> (found: [Float], expected: [Double]) {
    var random = WholeNumbers(seed: 9)
    let shape: Shape = [1, 8, 8, 16]
    let w = random.fractions(16 * 16 * 9)
    var x = random.fractions(shape.count)
    x[(5 * 8 + 5) * 16] = large
    let layer = Convolution2D(
      "conv1", inputChannels: 16, outputChannels: 16, kernel: 3, stride: 1, padding: .same,
      bias: false,
      algorithm: try #require(ConvolutionAlgorithms.named(name)))
    layer.weight.setValues(stored: w)
    let found = try LayerRun(layer, x: x, shape: shape, dy: x).y
    let expected = elements([
      convolution(
        volumes(x.map(Double.init), shape)[0],
        Kernel(shape: [16, 16, 3, 3], elements: w.map(Double.init)), Vector(zeros: 16), padding: 1)
    ])
    var beside: [Int] = []
    for i in 4..<8 {
      for j in 4..<8 where i == 7 || j == 7 {
        let first = (i * 8 + j) * 16
        beside.append(contentsOf: first..<first + 16)
      }
    }
    return (beside.map { found[$0] }, beside.map { expected[$0] })
  }

  /// `docs/numerics.md` describes this effect of large inputs beside small ones.
  @Test func aLargeInputRaisesTheErrorOfItsWholeTile() throws {
    func deviation(_ name: String) throws -> Double {
      let (found, expected) = try outputsBeside(1e4, by: name)
      return ConvolutionNumerics.Deviation(of: found, from: expected).rms
    }
    for name in ["direct", "im2row", "circulant"] { #expect(try deviation(name) < 3e-7, "\(name)") }
    let shared = try deviation("winograd")
    #expect(shared > 3e-4 && shared < 3e-2, "\(shared)")

    for name in ["direct", "im2row"] {
      #expect(try outputsBeside(.infinity, by: name).found.allSatisfy(\.isFinite), "\(name)")
    }
    for name in ["winograd", "circulant"] {
      #expect(try outputsBeside(.infinity, by: name).found.allSatisfy(\.isNaN), "\(name)")
    }
  }
}
