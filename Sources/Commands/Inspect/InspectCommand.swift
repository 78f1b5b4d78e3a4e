import ArgumentParser
import Checkpoints
import Datasets
import Files
import Networks
import Terminal
import Training

/// `swift run inspect`: shows a network's layers, and what a checkpoint holds.
struct InspectCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show the layers of a network, and what a checkpoint holds.",
    discussion: """
      Shows the metadata, the settings and the layers of a checkpoint, and figures of each tensor. Any \
      safetensors file can be inspected. The exit code is 1 if a value is not finite, or if a checkpoint is \
      damaged. With --diff it compares two checkpoints.
      """
        + ProgramName.examples(
          "inspect runs/mnist-fer-mnist-1",
          "inspect runs/mnist-fer-mnist-1 --diff runs/mnist-fer-mnist-2"),
    version: RunEnvironment.version)

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a safetensors file.",
    completion: .file())
  var source: String?
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(
    help: ArgumentHelp(
      "A second run directory or file: show where the two differ.", valueName: "source"),
    completion: .file())
  var diff: String?
  @Option(help: "A network in the course's notation instead of a file.")
  var arch: String?
  @Option(help: "A model by name instead of a file.", completion: Setting.completion("model"))
  var model: String?
  @Option(
    help: "With --arch or --model, the data set that gives the size of images and the classes.",
    completion: .list(Catalog.names))
  var dataset: String?
  @Option(
    help: ArgumentHelp(
      "With --arch or --model, the height and width of images, if not the data set's.",
      valueName: "pixels"))
  var imageSize: Int?
  @Option(help: "With --arch or --model, the number of classes, if not the data set's.")
  var classes: Int?
  @Flag(help: "Write JSON to standard output instead of text.")
  var json = false

  func validate() throws {
    let given = [source, arch, model].compactMap { $0 }.count
    guard given == 1 else {
      throw ValidationError(
        "inspect: nothing to inspect or too much (found \(given), expected one of a run or file, --arch "
          + "and --model).")
    }
    if source != nil {
      for (flag, isGiven) in [
        ("--dataset", dataset != nil), ("--image-size", imageSize != nil),
        ("--classes", classes != nil),
      ] where isGiven {
        throw ValidationError(
          "\(flag): a checkpoint has its own (expected --arch or --model). Leave \(flag) out.")
      }
    } else {
      for (flag, isGiven) in [("--best", best), ("--diff", diff != nil)] where isGiven {
        throw ValidationError(
          "\(flag): nothing is trained (expected a run or a file). Leave \(flag) out.")
      }
    }
    for (flag, value, limit) in [("--image-size", imageSize, 1024), ("--classes", classes, 256)] {
      if let value, !(1...limit).contains(value) {
        throw ValidationError("\(flag): invalid value (found “\(value)”, expected 1 to \(limit)).")
      }
    }
  }

  func execute() throws -> ExitStatus {
    guard let source else {
      let network = try InspectedNetwork(
        arch: arch, model: model, dataset: dataset, imageSize: imageSize, classes: classes)
      try StandardStream.output.write(json ? network.json.text + "\n" : network.text)
      return .done
    }
    let first = try file(source)
    if let diff {
      let comparison = CheckpointComparison(first, try file(diff))
      try StandardStream.output.write(json ? comparison.json.text + "\n" : comparison.text)
      return .done
    }
    let report = InspectionReport(first)
    try StandardStream.output.write(json ? report.json.text + "\n" : report.text)
    for problem in report.problems { ErrorLine.error(problem) }
    return report.problems.isEmpty ? .done : .checkFailed
  }

  /// The file at `source`, or the newest or best checkpoint of the run there. If no checkpoint of a run can
  /// be used, the newest is inspected all the same.
  private func file(_ source: String) throws -> InspectedFile {
    guard OutputFile.isFolder(source) else {
      if best { _ = try TrainedModel.forCommand(source, best: true) }
      return try InspectedFile(source)
    }
    do {
      return try InspectedFile(try TrainedModel.forCommand(source, best: best).path)
    } catch let error as CheckpointStoreError {
      guard case .noneValid(let directory, _) = error,
        let step = try CheckpointStore(directory: directory).steps().last
      else { throw error }
      return try InspectedFile(CheckpointStore(directory: directory).path(step: step))
    }
  }
}
