import Layers
import Tensors

/// A network for inference, in which each batch normalization behind a convolution or a fully
/// connected layer is part of that layer.
///
/// With the running averages, batch normalization is an affine map of each channel (Ioffe and
/// Szegedy 2015, algorithm 2). So is its composition with a layer `x = W∗z + b` before it:
///
///     y = γ·(W∗z + b − µ)/√(σ² + ε) + β = (s·W)∗z + (s·(b − µ) + β)        s = γ/√(σ² + ε)
///
/// This saves a multiply-add for each output. PyTorch's `fuse_conv_bn_eval` computes the same. The new
/// values are computed in double and rounded once, so outputs differ from those of the original network
/// by rounding.
///
/// A normalization is folded if its input is the output of a convolution of any kind or of a fully
/// connected layer, and nothing else reads that output. Layers that do nothing in evaluation, such
/// as dropout, may stand between. A normalization stays if a new value would not be finite.
///
/// The folded layers have parameters of their own: they do not follow later changes of the original
/// network. Other layers are those of the original network.
public struct FoldedNetwork {
  /// The network without the folded normalizations.
  public let network: Sequential
  /// The names of the folded normalizations, in order.
  public let foldedNames: [String]

  public init(_ original: Sequential) {
    var layers: [any Layer] = []
    var folded: [String] = []
    /// The layer that the next normalization may be folded into: its place in `layers`, and the shape of
    /// its input.
    var last: (place: Int, input: Shape)?
    for (index, layer) in original.layers.enumerated() {
      if let normalization = layer as? BatchNormalization, let last,
        let foldable = layers[last.place] as? any FoldableLayer,
        let merged = foldable.followed(by: ChannelMap(normalization), input: last.input)
      {
        layers[last.place] = merged
        folded.append(normalization.name)
        continue
      }
      if !layer.isIdentityInEvaluation {
        last = (layers.count, original.inputShape(ofLayer: index))
      }
      layers.append(layer)
    }
    foldedNames = folded
    guard !folded.isEmpty else {
      network = original
      return
    }
    do throws(ShapeError) {
      network = try Sequential(layers, inputShape: original.inputShape)
    } catch { preconditionFailure("folding changes no shape: \(error)") }
  }
}

extension Sequential {
  /// The network with which the library infers: folded (``FoldedNetwork``), and with the convolution algorithms of
  /// `Sequential.choosingForInference()`. It is this network if neither changes anything.
  public var forInference: Sequential { FoldedNetwork(self).network.choosingForInference() }
}
