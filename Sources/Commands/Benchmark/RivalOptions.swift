import ArgumentParser

/// The options for other programs beside this one.
struct RivalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The rivals: pytorch, keras; for --forward-only also onnxruntime and openvino; several with commas.",
      valueName: "rivals"))
  var against: RivalList?
  // Keras compiles a large network for minutes.
  @Option(
    help: ArgumentHelp(
      "After how many seconds without an answer a rival is ended.", valueName: "seconds"))
  var patience = 600

  func validate() throws {
    guard (1...86_400).contains(patience) else {
      throw ValidationError(
        "--patience: invalid value (found “\(patience)”, expected 1 to 86400 seconds).")
    }
  }
}
