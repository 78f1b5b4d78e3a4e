import ArgumentParser
import Export
import Files
import Terminal
import Training

/// `swift run export`: writes a trained network for other programs.
struct NetworkExportCommand: Command {
  /// The kind of files to write.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case onnx
    case torch
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained network for other programs.",
    discussion: """
      ONNX is read by onnxruntime, OpenVINO and others. For PyTorch, a Python file with the module and a \
      safetensors file with its values are written. No file is overwritten: another number is added to \
      its name.
      """
        + ProgramName.examples(
          "export runs/mnist-fer-mnist-1",
          "export runs/mnist-fer-mnist-1 --format torch --output network"),
    version: RunEnvironment.version)

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.",
    completion: .file())
  var source: String
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(help: "onnx, or torch for a module in Python with its values.")
  var format = Format.onnx
  @Option(
    help: ArgumentHelp(
      "The folder to write to. (default: export/ in the run directory)", valueName: "folder"),
    completion: .directory)
  var output: String?
  @Option(
    help: ArgumentHelp(
      "Take pixels 0...255 of this type, uint8 or float, and normalize them inside the ONNX graph.",
      valueName: "type"))
  var withPreprocessing: ONNXExport.Pixels?
  @Flag(help: "Give probabilities instead of logits from the ONNX graph.")
  var softmax = false
  @Option(
    help: ArgumentHelp(
      "Also write a safetensors file of this many random images and the network's outputs for them.",
      valueName: "count"))
  var example: Int?

  /// The maximum number of images of an example.
  private static let greatestExample = 10_000

  func validate() throws {
    try OutputFolder.check(output)
    if let example, !(1...Self.greatestExample).contains(example) {
      throw ValidationError(
        "--example: invalid value (found “\(example)”, expected 1 to \(Self.greatestExample)).")
    }
    guard format == .torch else { return }
    if withPreprocessing != nil {
      throw ValidationError(
        "--with-preprocessing: not with --format torch, whose file has the function prepare. "
          + "Leave it out.")
    }
    if softmax {
      throw ValidationError(
        "--softmax: not with --format torch, whose module gives logits. Leave it out.")
    }
  }

  func execute() throws -> ExitStatus {
    let trained = try TrainedModel.forCommand(source, best: best)
    var files: [FreshFile.Content] = []
    switch format {
    case .onnx:
      let export = try ONNXExport(trained, pixels: withPreprocessing, softmax: softmax)
      files.append(.init(".onnx", try export.bytes()))
    case .torch:
      let export = try TorchExport(trained)
      files.append(.init(".py", export.module))
      files.append(.init(".safetensors", export.values))
    }
    if let example {
      guard let outputs = try ExampleOutputs(of: trained, count: example) else {
        throw Failure(
          .notFinite,
          "\(trained.path): an output for an example is not finite. Take an earlier checkpoint.")
      }
      files.append(.init("-example.safetensors", outputs.bytes))
    }
    let folder = output ?? trained.exportFolder
    try OutputFile.createFolder(folder)
    let stem = try FreshFile.write(files, "\(folder)/model")
    for file in files {
      try StandardStream.output.write(
        "\(stem)\(file.suffix)  \(Terminal.Format.bytes(file.bytes.count))\n")
    }
    return .done
  }
}

extension ONNXExport.Pixels: ExpressibleByArgument {}
