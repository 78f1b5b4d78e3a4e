import ArgumentParser
import Datasets
import Files
import Terminal
import Training

/// `swift run predict`: classifies images with a trained network.
struct PredictCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classify images with a trained network.",
    discussion: """
      Images are PNG or JPEG files of any size. They are prepared as in training. The exit code is 1 if an \
      image cannot be read; the others are predicted all the same.
      """
        + ProgramName.examples(
          "predict runs/folder-fer-cifar-1 photo.jpg",
          "predict runs/mnist-fer-mnist-1 digits/ --top 1 --csv"),
    version: RunEnvironment.version)

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.",
    completion: .file())
  var source: String
  @Argument(
    help: "Image files, folders with images, or - for one image from standard input.",
    completion: .file())
  var images: [String]
  @OptionGroup var options: PredictionOptions
  @Flag(help: "Write JSON to standard output instead of a table.")
  var json = false
  @Flag(help: "Write CSV to standard output instead of a table.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("--json: not with --csv. Give one of them.") }
    guard images.filter({ $0 == "-" }).count < 2 else {
      throw ValidationError("-: given twice (expected one image on standard input).")
    }
  }

  func execute() throws -> ExitStatus {
    let predictor = try options.open(source)
    var session = PredictionSession(
      predictor, format: json ? .json : csv ? .csv : .table,
      skipsUnreadable: options.skipUnreadable)
    try session.begin()
    for image in images { try predict(image, &session) }
    try session.end(tellsPreparation: (options.prepare ?? .auto) == .auto)
    guard options.skipUnreadable else { return session.failureCount > 0 ? .badData : .done }
    if session.failureCount == 0, !predictor.leavesFilesOut {
      Notice.warning("--skip-unreadable changes nothing: every image can be read.")
    }
    guard session.predictedCount > 0 else {
      throw Failure(
        .badData,
        "no image can be read (found \(session.failureCount) that cannot, expected at least 1 that can). "
          + "See the warnings above.")
    }
    return .done
  }

  /// Predicts the image or the images at `path`.
  private func predict(_ path: String, _ session: inout PredictionSession) throws {
    if path == "-" {
      try session.predictStandardInput()
    } else if OutputFile.isFolder(path) {
      let files = try ImageFiles(in: path)
      if files.passedOver > 0 {
        Notice.warning(
          "\(path): \(Format.count(files.passedOver)) "
            + (files.passedOver == 1
              ? "file is passed over, whose name does" : "files are passed over, whose names do")
            + " not end in \(ImageReader.nameEndings.joined(separator: ", ")).")
      }
      for problem in files.problems { try session.fail(path, problem) }
      if files.paths.isEmpty, files.problems.isEmpty {
        try session.fail(
          path, "\(path): no images (found 0 PNG or JPEG files, expected at least 1).")
      }
      try session.predict(files.paths)
    } else {
      try session.predict([path])
    }
  }
}
