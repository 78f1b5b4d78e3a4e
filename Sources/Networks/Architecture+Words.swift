extension Architecture {
  /// The layers' words, for shells to complete; with a bracket where arguments follow.
  package static let completionWords = [
    "conv(", "convt(", "conv1d(", "pool(", "avgpool(", "pool1d(", "upsample(", "dropout(", "bn",
    "relu", "gelu", "sigmoid", "tanh", "flatten", "signal", "globalmax", "globalavg", "res(",
    "scale(", "fc(",
  ]
}
