import Tensors

/// A convolution as one product of a matrix of all examples' rows with the weights, as a fully connected layer.
///
///     R  [n, h′·w′, kh·kw·cin]        Y = R·W + b        ∂W += Rᵀ·∂Y        ∂R = ∂Y·Wᵀ        (lecture rows L20 and L21)
///
/// The executor runs it instead of the ``Convolution2D``, behind the ``ImageRowsLayer`` that makes `R` unless `R` is the
/// image itself.
final class ConvolutionMatrix: GatheringLayer {
  private let convolution: Convolution2D
  /// The rows of the weight's matrix that belong to the taps of `R`.
  private let rows: Range<Int>
  let pixels: Int

  init(_ convolution: Convolution2D, rows: Range<Int>, pixels: Int) {
    self.convolution = convolution
    self.rows = rows
    self.pixels = pixels
  }

  var name: String { convolution.name }
  var weight: Parameter { convolution.weight }
  var bias: Parameter? { convolution.bias }
  var inputs: Int { rows.count }
  var outputs: Int { convolution.outputChannels }
  var parameters: [Parameter] { convolution.parameters }
  var backwardReadsInput: Bool { true }
  var backwardReadsOutput: Bool { false }

  func matrix(at memory: UnsafeMutablePointer<Float>) -> PanelMatrix {
    weight.panels(at: memory).rows(rows)
  }

  func outputShape(for input: Shape) -> Shape { [input[0], pixels, outputs] }
  func multiplyAdds(for input: Shape) -> Int { pixels * inputs * outputs }
}

/// The matrix `R` of each example of a convolution's inputs (``ImageRows``).
final class ImageRowsLayer: ExampleLayer {
  let name: String
  private let layout: ImageRows

  init(_ name: String, _ layout: ImageRows) {
    self.name = name
    self.layout = layout
  }

  var backwardReadsInput: Bool { false }
  var backwardReadsOutput: Bool { false }
  func outputShape(for input: Shape) -> Shape { [input[0], layout.pixels, layout.rowCount] }

  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    for n in 0..<x.shape[0] {
      layout.gather(x.base + n * x.shape.countPerExample, into: y.base + n * layout.count)
    }
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    for n in 0..<dy.shape[0] {
      layout.scatter(
        dy.base + n * layout.count, into: dx.base + n * dx.shape.countPerExample, lane.kernels)
    }
  }
}

extension Convolution2D {
  /// The layers that compute the convolution as one matrix product, if ``Im2RowConvolution`` is its algorithm, and `R` is
  /// not too large; nil otherwise. The first one is nil if `R` is the image.
  func asMatrix(for input: Shape) -> (rows: ImageRowsLayer?, matrix: ConvolutionMatrix)? {
    let geometry = geometry(input)
    guard groups == 1, algorithm.name(for: geometry) == Im2RowConvolution.name,
      weight.isTrained == bias?.isTrained ?? weight.isTrained
    else { return nil }
    let reading = geometry.withoutKernelRows
    let layout = ImageRows(reading)
    // Zeros in R take more time than a lane's part of the weights, unless that is large.
    guard layout.pixels == 1 || layout.count <= ConvolutionGeometry.mostRowElements,
      reading == geometry.cropped || geometry.suitsOneMatrix
    else { return nil }
    let first = reading.firstWeightRow(in: geometry)
    return (
      layout.areTheImage ? nil : ImageRowsLayer("\(name) rows", layout),
      ConvolutionMatrix(self, rows: first..<first + layout.rowCount, pixels: layout.pixels)
    )
  }
}

extension ConvolutionGeometry {
  /// The elements of `R` of an example up to which a layer has one matrix of all examples.
  static let mostRowElements = 1 << 16

  /// The same convolution without the outer rows of the kernel that read only zeros, and without the outer columns if one
  /// row remains. The remaining weights are neighbors in memory.
  var withoutKernelRows: ConvolutionGeometry {
    let rows = rows.cropped
    return ConvolutionGeometry(
      rows: rows, columns: rows.kernel == 1 ? columns.cropped : columns,
      inputChannels: inputChannels, outputChannels: outputChannels, use: use)
  }

  /// The first row of the weight's matrix of `whole` that belongs to this part of its kernel.
  fileprivate func firstWeightRow(in whole: ConvolutionGeometry) -> Int {
    let column = columns == whole.columns ? 0 : whole.columns.firstTap
    let row = rows == whole.rows ? 0 : whole.rows.firstTap
    return (row * whole.columns.kernel + column) * inputChannels
  }
}
