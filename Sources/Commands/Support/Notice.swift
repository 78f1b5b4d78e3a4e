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

  /// Warns about a given `--exact` if inference computes `network` as evaluation does.
  static func tellIdleExactness(for network: Sequential) {
    guard network.forInference === network else { return }
    warning(
      "--exact changes nothing: there is no batch normalization to fold, and inference uses training's "
        + "algorithms of convolutions.")
  }
}
