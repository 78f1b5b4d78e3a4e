import ArgumentParser

/// The options for forward passes alone.
struct ForwardOptions: ParsableArguments {
  @Flag(help: "Time the forward pass alone.")
  var forwardOnly = false
  @Flag(
    help: """
      With --forward-only: compute as evaluation does, to the bit. Do not fold batch normalization into the \
      layer before it, and use training's algorithms of convolutions.
      """)
  var exact = false

  /// Refuses rivals that only infer, and `--exact`, for training steps.
  func check(against: RivalList?) throws {
    guard !forwardOnly else { return }
    if exact {
      throw ValidationError("--exact: training folds nothing. Add --forward-only.")
    }
    if let rival = against?.kinds.first(where: \.onlyInfers) {
      throw ValidationError("--against \(rival.rawValue): it does not train. Add --forward-only.")
    }
  }
}
