import Tensors
import TestSupport
import Testing

@testable import Layers

/// Winograd's method has rounding errors, so it is compared with the Textbook in double.
extension ConvolutionTests {
  /// Channels of any number, images that tiles do not divide, all paddings, and strides.
  static let winogradCases: [ConvolutionCase] = {
    var random = WholeNumbers(seed: 2)
    var cases: [ConvolutionCase] = []
    var number = 0
    while cases.count < 60 {
      let c = ConvolutionCase(number: number, &random)
      number += 1
      if WinogradConvolution.supports(c.geometry) { cases.append(c) }
    }
    for kernel in kernels {
      cases += (2...12).map { ConvolutionCase(kernel: kernel, extent: $0) }
    }
    for (kernel, stride) in [
      (3, 2), (4, 2), (5, 2), (7, 2), (8, 2), (9, 2), (5, 3), (9, 4), (8, 1), (9, 1), (10, 1),
      (13, 1), (17, 2),
    ] {
      cases.append(
        ConvolutionCase(kernel: kernel, extent: 21, inputs: 7, outputs: 20, stride: stride))
    }
    return cases
  }()

  /// The kernels of stride 1.
  private static let kernels = 2...7

  /// The maximum error of an element relative to the maximum result, by the number of points of a
  /// tile: more points are less exact. So are kernels that cover most of a tile, and phases of many
  /// channels. `docs/numerics.md` lists the exact errors.
  static func winogradTolerance(_ c: ConvolutionCase) throws -> Float {
    try winogradTolerance(WinogradConvolution(c.geometry))
  }

  static func winogradTolerance(_ convolution: WinogradConvolution) throws -> Float {
    let byPoints: [Int: Float] = [
      16: 1e-6, 25: 1e-6, 36: 5e-6, 49: 5e-6, 60: 1e-5, 64: 1e-5, 81: 2e-5,
    ]
    let kernel = convolution.geometry.rows.kernel
    return try #require(byPoints[convolution.points])
      * (kernel >= 6 ? 2.5 : 1) * (convolution.geometry.inputChannels > 64 ? 2 : 1)
  }

  @Test(arguments: KernelSet.available)
  func winogradIsCloseToDouble(_ set: KernelSet) throws {
    let cases = set == .portable ? Self.winogradCases.prefix(6) : Self.winogradCases[...]
    for c in cases {
      try check(
        c, WinogradConvolution.self, set,
        within: Self.winogradTolerance(c))
    }
  }

  /// Few channels and many, kernels of any number of rows, images that tiles do not divide, and all
  /// paddings.
  @Test(arguments: KernelSet.available)
  func winogradAlongRowsIsCloseToDouble(_ set: KernelSet) throws {
    var random = WholeNumbers(seed: 6)
    var number = 0
    var checked = Set<Extent2D>()
    var count = 0
    while count < (set == .portable ? 30 : 80) {
      let c = ConvolutionCase(number: number, &random)
      number += 1
      guard WinogradRowConvolution.supports(c.geometry) else { continue }
      try check(
        c, WinogradRowConvolution.self, set, within: c.kernel.width == 3 ? 1e-6 : 5e-6)
      checked.insert(c.kernel)
      count += 1
    }
    for (inputs, outputs) in [(4, 48), (6, 64), (7, 16), (1, 80), (3, 112)] {
      for kernel in [3, 5] {
        let c = ConvolutionCase(
          kernel: kernel, extent: 3 * inputs, inputs: inputs, outputs: outputs)
        try check(c, WinogradRowConvolution.self, set, within: kernel == 3 ? 1e-6 : 5e-6)
      }
    }
    #expect(checked.contains(3) && checked.contains(5) && checked.count > 2)
  }

  /// Checks that an algorithm's results equal those of the Textbook in double, within a tolerance.
  func check(
    _ c: ConvolutionCase, _ algorithm: any ConvolutionAlgorithm.Type, _ set: KernelSet,
    within tolerance: Float
  ) throws {
    var random = WholeNumbers(seed: 3)
    let x = random.fractions(c.shape.count)
    let w = random.fractions(c.outputs * c.shape[3] * c.kernel.height * c.kernel.width)
    let b =
      c.bias ? random.fractions(c.outputs) : [Float](repeating: 0, count: c.outputs)
    let dy = random.fractions(c.shape[0] * c.geometry.outputCount)
    let layer = c.layer(algorithm)
    layer.weight.setValues(stored: w)
    layer.bias?.setValues(stored: b)

    let run = try LayerRun(layer, x: x, shape: c.shape, dy: dy, kernelSet: set)
    let oracle = ConvolutionOracle(
      c, x: x.map(Double.init), w: w.map(Double.init), b: b.map(Double.init),
      dy: dy.map(Double.init))
    #expect(relativeDifference(run.y, oracle.y.map(Float.init)) < tolerance, "y of \(c)")
    #expect(relativeDifference(run.dx, oracle.dx.map(Float.init)) < tolerance, "∂x of \(c)")
    #expect(
      relativeDifference(run.gradients[0], oracle.dw.map(Float.init)) < tolerance,
      "∂w of \(c)")
    if c.bias {
      // A sum may be near 0, so its error is relative to the terms.
      let terms = dy.reduce(0) { $0 + abs($1) } / Float(c.outputs)
      for (found, expected) in zip(run.gradients[1], oracle.db) {
        #expect(abs(found - Float(expected)) < 1e-6 * terms, "∂b of \(c)")
      }
    }
  }
}
