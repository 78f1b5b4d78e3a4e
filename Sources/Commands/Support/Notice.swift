import Layers
import Networks
import Terminal

/// Shows warnings, in which commands have the name of the running program.
enum Notice {
  static func warning(_ message: String) {
    if World.isFirst { ErrorLine.warning(message.forThisProgram) }
  }

  /// Warns about a given `--conv-algorithm` if `network` has no convolutions.
  static func tellIdleAlgorithm(for network: Sequential) {
    guard !network.layers.contains(where: { $0 is any ConvolutionLayer }) else { return }
    warning("--conv-algorithm changes nothing: the network has no convolutions.")
  }

  /// Warns about a given `--exact` if nothing would be folded in `network`.
  static func tellIdleExactness(for network: Sequential) {
    guard FoldedNetwork(network).foldedNames.isEmpty else { return }
    warning(
      "--exact changes nothing: the network has no batch normalization directly behind a convolution or "
        + "a fully connected layer.")
  }
}
