import ArgumentParser
import Files
import Terminal
import Training

/// `swift run average`: writes the mean of several checkpoints of one network.
struct AverageCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "average",
    abstract: "Write the mean of several checkpoints of one network.",
    discussion: """
      Each parameter is the mean of the checkpoints' values; so are the running averages of batch \
      normalization. `evaluate` and `train --init` take the file.
      """
        + ProgramName.examples(
          "average runs/a/checkpoints/*.safetensors --file mean.safetensors",
          "average runs/a runs/b --best --file mean.safetensors")
    ,
    version: RunEnvironment.version)

  @Argument(
    help: "Checkpoint files, or run directories, whose newest checkpoint is taken.",
    completion: .file())
  var sources: [String]
  @Flag(help: "Take the best checkpoint of each run directory by validation.")
  var best = false
  @Option(help: "The file to write.", completion: .file(extensions: ["safetensors"]))
  var file: String

  func validate() throws {
    guard sources.count > 1 else {
      throw ValidationError(
        "average: nothing to average (found 1 checkpoint, expected several).")
    }
    if file == "" {
      throw ValidationError("--file: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus {
    guard !OutputFile.exists(file) else { throw OutputFileError.exists(path: file) }
    var average = CheckpointAverage(try read(sources[0]))
    for source in sources.dropFirst() { try average.add(try read(source)) }
    try average.write(to: file)
    let running = average.hasRunningAverages ? ", with its running averages," : ""
    try StandardStream.output.write(
      "the mean of \(Format.counted(sources.count, "checkpoint"))\(running) is written to \(file)\n"
        + "see its accuracy by `swift run evaluate \(file.asShellWord)`\n".forThisProgram)
    return .done
  }

  private func read(_ source: String) throws -> TrainedModel {
    let trained = try TrainedModel(source, best: best)
    for warning in trained.warnings { Notice.warning(warning) }
    return trained
  }
}
