import Layers
import Tensors

/// A layer that sums products for each output channel, so that an affine map of its channels can
/// become part of its weights and its bias.
protocol FoldableLayer: Layer {
  var weight: Parameter { get }
  var bias: Parameter? { get }
  /// True if the rows of the weight's matrix belong to output channels, not its columns.
  var hasChannelsInRows: Bool { get }
  /// A layer of the same name and extents, with a bias.
  func copyWithBias() -> any FoldableLayer
}

extension FoldableLayer {
  var hasChannelsInRows: Bool { false }

  /// A layer that computes `map` of this layer's output.
  ///
  /// - Parameter input: the shape of one example of the input.
  /// - Returns: nil if the map is not one of this layer's channels, or a value would not be finite.
  func followed(by map: ChannelMap, input: Shape) -> (any Layer)? {
    let copy = copyWithBias()
    guard let bias = copy.bias, bias.layout.count == map.scale.count else { return nil }
    if let copy = copy as? any ConvolutionLayer, let layer = self as? any ConvolutionLayer {
      do throws(ConvolutionChoiceError) {
        try copy.setAlgorithm(layer.requestedAlgorithm, for: input, batch: layer.batch)
      } catch { preconditionFailure("\(name) has the extents of its copy: \(error)") }
    }
    let (source, target) = (weight.matrix, copy.weight.matrix)
    let isFinite =
      hasChannelsInRows
      ? map.scaleRows(of: source, into: target) : map.scaleColumns(of: source, into: target)
    return isFinite && map.apply(toBias: self.bias, into: bias) ? copy : nil
  }
}

extension Convolution2D: FoldableLayer {
  func copyWithBias() -> any FoldableLayer {
    if self is Convolution1D {
      return Convolution1D(
        name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel.width,
        stride: stride.width, padding: padding, groups: groups, bias: true)
    }
    return Convolution2D(
      name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      stride: stride, padding: padding, groups: groups, bias: true)
  }
}

extension TransposedConvolution2D: FoldableLayer {
  var hasChannelsInRows: Bool { true }

  func copyWithBias() -> any FoldableLayer {
    TransposedConvolution2D(
      name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      stride: stride, padding: padding, outputPadding: outputPadding, bias: true)
  }
}

extension DepthwiseConvolution2D: FoldableLayer {
  func copyWithBias() -> any FoldableLayer {
    DepthwiseConvolution2D(
      name, channels: channels, kernel: kernel, stride: stride, padding: padding, bias: true)
  }
}

extension FullyConnected: FoldableLayer {
  func copyWithBias() -> any FoldableLayer {
    guard case .fullyConnected(_, _, let image) = weight.layout else {
      preconditionFailure("\(name): a weight of another layout")
    }
    return FullyConnected(name, inputs: inputs, outputs: outputs, image: image, bias: true)
  }
}
