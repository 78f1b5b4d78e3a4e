import Layers
import Tensors
import Textbook

/// The Textbook's layer of the kind and the values of a fast one.
///
/// Its parameters come in the order of the fast layer's, without running averages. A layer without a
/// bias gets one of zeros here, behind them.
///
/// - Throws: ``GradientCheckError`` for a kind that is not listed here.
func textbookLayer(
  of layer: any Layer
) throws(GradientCheckError) -> any LectureBatchLayer<Double> {
  switch layer {
  case let layer as Convolution2D:
    let rows = layer.padding.zeros(kernel: layer.kernel.height, \.height)
    let columns = layer.padding.zeros(kernel: layer.kernel.width, \.width)
    return LectureEach(
      LectureConvolution(
        Kernel(
          shape: [layer.outputs, layer.inputs, layer.kernel.height, layer.kernel.width],
          elements: values(layer.weight)),
        bias(layer.bias, layer.outputs),
        stride: Extent(layer.stride),
        padding: Padding(
          top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)))
  case let layer as TransposedConvolution2D:
    return LectureEach(
      LectureTransposedConvolution(
        Kernel(shape: layer.weight.layout.storedShape, elements: values(layer.weight)),
        bias(layer.bias, layer.outputs),
        stride: Extent(layer.stride),
        padding: Padding(rows: layer.padding.height, columns: layer.padding.width),
        outputPadding: Extent(layer.outputPadding)))
  case let layer as FullyConnected:
    return LectureEach(
      LectureFullyConnected(
        Matrix(shape: layer.weight.layout.storedShape, elements: values(layer.weight)),
        bias(layer.bias, layer.outputs)))
  case let layer as BatchNormalization:
    return LectureBatchNormalization(
      scale: Vector(values(layer.weight)), shift: Vector(values(layer.bias)),
      epsilon: layer.epsilon)
  case let layer as MaxPooling:
    return LectureEach(
      LectureMaxPooling(
        PoolingWindow(
          Extent(layer.size), stride: Extent(layer.stride), padding: Extent(layer.padding),
          roundsUp: layer.ceilMode)))
  case let layer as GlobalPooling:
    switch layer.mode {
    case .maximum: return LectureEach(LectureGlobalMaxPooling())
    case .average: return LectureEach(LectureGlobalAveragePooling())
    }
  case let layer as AveragePooling:
    let window = PoolingWindow(
      Extent(layer.size), stride: Extent(layer.stride), padding: Extent(layer.padding),
      roundsUp: layer.ceilMode)
    let countsPadding = layer.countsPadding
    return function(
      { averagePooling2D($0, window, countsPadding: countsPadding) },
      { averagePooling2DBackward($0, $1, window, countsPadding: countsPadding) })
  case let layer as Upsampling:
    let factor = Extent(layer.factor)
    switch layer.mode {
    case .nearest:
      return function(
        { nearestUpsampling($0, factor: factor) },
        { dq, _ in nearestUpsamplingBackward(dq, factor: factor) })
    case .bilinear:
      return function(
        { bilinearUpsampling($0, factor: factor) },
        { dq, _ in bilinearUpsamplingBackward(dq, factor: factor) })
    }
  case is ReLU: return LectureEach(LectureReLU())
  case is GELU: return LectureEach(LectureGELU())
  case is Sigmoid: return function(sigmoid) { sigmoidBackward($0, q: sigmoid($1)) }
  case is Tanh:
    return function(hyperbolicTangent) {
      hyperbolicTangentBackward($0, q: hyperbolicTangent($1))
    }
  case let layer as Dropout:
    return DrawnDropout(number: layer.number, probability: layer.probability)
  case let layer as Scale:
    let factor = Double(layer.factor)
    return function({ factor * $0 }, { dq, _ in factor * dq })
  // Volumes keep their shape: the fully connected layer reads them in the order of files anyway.
  case is Flatten: return function({ $0 }, { dq, _ in dq })
  case is Signal:
    return function(
      { Volume(shape: [$0.channels, 1, $0.rows * $0.columns], elements: $0.elements) },
      { dq, p in Volume(shape: p.shape, elements: dq.elements) })
  default: throw .noTextbookLayer(name: layer.name, kind: "\(type(of: layer))")
  }
}

/// A layer without parameters, by its two formulas.
private func function(
  _ forward: @escaping (Volume<Double>) -> Volume<Double>,
  _ backward: @escaping (Volume<Double>, Volume<Double>) -> Volume<Double>
) -> any LectureBatchLayer<Double> {
  LectureEach(LectureFunction(forward: forward, backward: backward))
}

private func values(_ parameter: Parameter) -> [Double] {
  parameter.storedValues().map(Double.init)
}

private func bias(_ parameter: Parameter?, _ count: Int) -> Vector<Double> {
  parameter.map { Vector(values($0)) } ?? Vector(zeros: count)
}

extension Extent {
  init(_ extent: Extent2D) { self.init(extent.height, extent.width) }
}

/// Why a network cannot be checked.
public enum GradientCheckError: Error, Equatable, CustomStringConvertible {
  /// - Parameter kind: the type of the fast layer.
  case noTextbookLayer(name: String, kind: String)

  public var description: String {
    switch self {
    case .noTextbookLayer(let name, let kind):
      "\(name): its gradient cannot be checked (found \(kind), for which the Textbook has no layer). "
        + "Add it to Sources/GradientChecking/TextbookLayer.swift, or leave it out."
    }
  }
}
