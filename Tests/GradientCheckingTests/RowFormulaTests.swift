import Layers
import Tensors
import Testing
import Textbook

@testable import GradientChecking
@testable import Networks

/// The formulas of lecture rows, as `gradcheck` compares them with the layers' own.
@Suite struct RowFormulaTests {
  let context = Context(threadCount: 1)

  private static let cases: [(notation: String, input: Shape, functions: Set<String>)] = [
    (
      "fc(5)", [3, 1, 1, 7],
      [
        "L3 fullyConnected", "L3 fullyConnectedBackwardInput", "L3 fullyConnectedBackwardWeight",
        "L3 fullyConnectedBackwardWeightByRows", "L3 fullyConnectedBackwardWeightByJacobian",
        "L4 accumulatedWeightGradient", "L4 fullyConnectedBackwardWeight(batch:)",
      ]
    ),
    (
      "conv1d(2,1)", [2, 1, 9, 3],
      [
        "L5 scalarConvolution", "L5 scalarConvolutionBackwardInput",
        "L5 scalarConvolutionBackwardKernel",
      ]
    ),
    (
      "conv1d(2,5)", [2, 1, 9, 3],
      [
        "L6 convolution1D", "L6 convolution1DBackwardInput", "L6 convolution1DBackwardInputByCrop",
        "L6 convolution1DBackwardKernel", "L6 convolution1DBackwardKernelByShift",
      ]
    ),
    ("globalmax", [2, 4, 5, 3], ["L8 globalMaxPooling", "L8 globalMaxPoolingBackward"]),
    ("pool(3,mode=ceil)", [2, 7, 5, 2], ["L9 maxPooling1D", "L9 maxPooling1DBackward"]),
    ("pool(2)", [2, 6, 4, 2], ["L9 maxPooling1D", "L9 maxPooling1DBackward"]),
    (
      "convt(2,3,padding=1)", [2, 4, 5, 3],
      [
        "L11 transposedConvolution2D", "L11 transposedConvolution2D over channels",
        "L13 convolution2D", "L13 convolution2DBackwardKernel",
      ]
    ),
    (
      "conv(2,3,stride=2)", [2, 6, 5, 3],
      [
        "L14 stridedConvolution2D", "L15 stridedConvolution2DBackwardInputByChaining",
        "L15 stridedConvolution2DBackwardKernelByChaining",
        "L16 stridedConvolution2DBackwardInput",
      ]
    ),
    // Shapes that no row's formula covers.
    ("conv(2,3x2)", [2, 5, 6, 2], []),
    ("conv(2,2)", [2, 5, 6, 2], []),
    ("conv(2,3,stride=1x2)", [2, 5, 6, 2], []),
    ("conv1d(2,5,stride=2)", [2, 1, 9, 3], []),
    ("pool(3,2)", [2, 7, 7, 2], []),
    ("pool(3)", [2, 7, 7, 2], []),
    ("globalavg", [2, 4, 5, 3], []),
    ("convt(2,3,stride=2)", [2, 4, 5, 3], []),
  ]

  @Test(arguments: cases)
  func rowsThatCoverAShapeAreCompared(
    _ notation: String, _ input: Shape, _ functions: Set<String>
  ) throws {
    let rows = try check(notation, input).rows
    #expect(Set(rows.map(\.tensor)) == functions)
    for row in rows { #expect(row.passes && row.checked == row.count, "\(row)") }
  }

  @Test func aConvolutionRunsTheFormulasOfSevenRows() throws {
    for (notation, winograd) in [("conv(1,3)", 4), ("conv(3,5)", 2), ("conv(2,1,bias=no)", 0)] {
      let rows = try check(notation, [2, 6, 7, 1]).rows
      for row in rows { #expect(row.passes, "\(row)") }
      let numbers = Set(rows.compactMap { $0.tensor.split(separator: " ").first })
      #expect(numbers.subtracting(["L22"]) == ["L10", "L11", "L13", "L19", "L20", "L21"])
      #expect(rows.count { $0.tensor.hasPrefix("L22 ") } == winograd)
    }
  }

  @Test func aNetworkRunsBackpropagationAndUpsampledConvolution() throws {
    let rows = try check(
      "upsample(2,mode=bilinear) conv(3,3) bn res(tanh) dropout(0.5)", [2, 3, 4, 2]
    )
    .rows
    for row in rows { #expect(row.passes, "\(row)") }
    #expect(
      rows.map(\.tensor).filter { $0.hasPrefix("L2 ") || $0.hasPrefix("L18 ") } == [
        "L18 upsampledConvolution2D", "L2 backpropagate: loss", "L2 backpropagate: input",
        "L2 backpropagate: parameters",
      ])
  }

  /// The layer's formula lacks the flip, so the rows' input gradients differ from it.
  @Test func aFormulaThatDisagreesIsFound() throws {
    let network = try Architecture("conv(1,3,bias=no)").stack(input: [1, 6, 6, 1], classes: 1)
    network.drawForCheck(seed: 2)
    let lecture = try LectureNetwork(network)
    var draw = Draw(seed: 1, index: 0)
    let x = volumes(draw.spaced(36), like: [Volume(zeros: 1, 6, 6)])
    let r = volumes(draw.uniform(36), like: [Volume(zeros: 1, 6, 6)])
    var pass = lecture.pass(x, .projection(r))
    #expect(lecture.compareRowFormulas(pass).allSatisfy { $0.passes })

    pass.gradients[0][0].elements.reverse()
    let failed = lecture.compareRowFormulas(pass).filter { !$0.passes }.map(\.tensor)
    #expect(failed.contains("L10 convolution2DBackwardInput"))
    #expect(failed.allSatisfy { $0.contains("BackwardInput") || $0.contains("transposed") })
  }

  private func check(_ notation: String, _ input: Shape) throws -> GradientCheck.Outcome {
    let network = try Architecture(notation).stack(input: input, classes: 4)
    return try GradientCheck(samples: 5, seed: 3, context: context).check(
      network, examples: input[0], isClassifier: false)
  }
}
