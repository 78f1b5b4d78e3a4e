import ArgumentParser

/// The options for other programs beside this one.
struct RivalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The rivals: pytorch, keras; for --forward-only also onnxruntime and openvino; several with commas.",
      valueName: "rivals"))
  var against: RivalList?
  @Option(
    help: ArgumentHelp(
      "After how many seconds without an answer a rival is ended. (default: \(Self.defaultPatience))",
      valueName: "seconds"))
  var patience: Int?

  // Keras compiles a large network for minutes.
  private static let defaultPatience = 600

  /// The seconds that one answer of a rival may take.
  var secondsForAnAnswer: Int { patience ?? Self.defaultPatience }

  func validate() throws {
    if let patience, !(1...86_400).contains(patience) {
      throw ValidationError(
        "--patience: invalid value (found “\(patience)”, expected 1 to 86400 seconds).")
    }
  }
}
