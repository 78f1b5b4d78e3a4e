import Datasets
import Files
import Terminal
import Training

/// Predicts images and writes the results.
struct PredictionSession {
  enum Format {
    case table, json, csv
  }

  private let predictor: Predictor
  private let format: Format
  /// True if images that cannot be read are warnings.
  private let skipsUnreadable: Bool
  /// The rows of the table, which is written at the end.
  private var rows: [Prediction] = []
  private(set) var predictedCount = 0
  private var (unsureCount, preparedCount) = (0, 0)
  /// The number of images that could not be read.
  private(set) var failureCount = 0
  private var isFirst = true

  /// The number of images that are read at once.
  private static let groupCount = 1024

  init(_ predictor: Predictor, format: Format, skipsUnreadable: Bool) {
    self.predictor = predictor
    self.format = format
    self.skipsUnreadable = skipsUnreadable
  }

  func begin() throws {
    switch format {
    case .table: break
    case .csv: try StandardStream.output.write(Prediction.csvHeader(count: predictor.top))
    case .json:
      try StandardStream.output.write(
        "{\"model\":\(CanonicalJSON.string(predictor.path).text),"
          + "\"threshold\":\(CanonicalJSON.float(predictor.threshold).text),\"images\":[")
    }
  }

  /// Reads and predicts the images at `paths`.
  mutating func predict(_ paths: [String]) throws {
    for first in stride(from: 0, to: paths.count, by: Self.groupCount) {
      let group = paths[first..<min(first + Self.groupCount, paths.count)]
      try predict(Array(group), predictor.preparation.read(group))
    }
  }

  mutating func predictStandardInput() throws {
    do {
      let bytes = try InputFile.readStandardInput(limit: ImageReader.largestFileCount)
      try predict(["-"], [.success(try predictor.preparation.prepare(bytes))])
    } catch let problem as InputFileProblem {
      try fail("-", "standard input: \(problem). Give an image.")
    } catch let problem as ImageReadError {
      try fail("-", "standard input: \(problem). \(problem.remedy)")
    }
  }

  private mutating func predict(
    _ names: [String], _ images: [Result<ImagePreparation.Prepared, DatasetError>]
  ) throws {
    let pixels = images.flatMap { (try? $0.get().pixels) ?? [] }
    var probabilities = predictor.model.probabilities(of: pixels)[...]
    var text = ""
    for (name, image) in zip(names, images) {
      switch image {
      case .failure(let error): text += failure(name, error.description)
      case .success(let image):
        let prediction = Prediction(
          name, predictor.model.ranked(probabilities.removeFirst(), count: predictor.top),
          threshold: predictor.threshold, isPrepared: image.isDigit)
        guard prediction.classes[0].probability.isFinite else {
          throw Failure(
            .notFinite,
            "\(predictor.path): an output for \(name) is not finite. Take an earlier checkpoint.")
        }
        text += written(prediction)
      }
    }
    try StandardStream.output.write(text)
  }

  /// Counts the prediction, and returns its text in the output.
  private mutating func written(_ prediction: Prediction) -> String {
    predictedCount += 1
    if prediction.isUnsure { unsureCount += 1 }
    if prediction.isPrepared { preparedCount += 1 }
    switch format {
    case .table:
      rows.append(prediction)
      return ""
    case .csv: return prediction.csv
    case .json: return separator() + prediction.json.text
    }
  }

  /// Reports an image that cannot be read.
  mutating func fail(_ name: String, _ problem: String) throws {
    try StandardStream.output.write(failure(name, problem))
  }

  /// Shows and counts the problem, and returns its text in the output.
  private mutating func failure(_ name: String, _ problem: String) -> String {
    failureCount += 1
    if skipsUnreadable { Notice.warning(problem) } else { ErrorLine.error(problem) }
    guard format == .json else { return "" }
    return separator() + Prediction.json(name, error: problem).text
  }

  /// What stands before the next item of JSON.
  private mutating func separator() -> String {
    defer { isFirst = false }
    return isFirst ? "\n" : ",\n"
  }

  /// Writes the rest of the output.
  ///
  /// - Parameter tellsPreparation: true if images may have been prepared without being asked for.
  func end(tellsPreparation: Bool) throws {
    let images = Terminal.Format.counted(predictedCount, "image")
    if tellsPreparation, preparedCount > 0 {
      let (are, they, them) =
        preparedCount == 1
        ? ("is", "it was", "it as it is") : ("are", "they were", "them as they are")
      Notice.warning(
        "\(preparedCount) of \(images) \(are) dark on bright, unlike the training data: \(they) "
          + "inverted, cropped and centered as the images of MNIST. --prepare none takes \(them).")
    }
    switch format {
    case .csv: break
    case .json: try StandardStream.output.write("\n]}\n")
    case .table:
      guard !rows.isEmpty else { return }
      try StandardStream.output.write(Prediction.table(rows, count: predictor.top))
      guard unsureCount > 0 else { return }
      try StandardStream.output.write(
        "\n\(unsureCount) of \(images) may be unlike the training data: "
          + "\(unsureCount == 1 ? "its" : "their") greatest probability is below "
          + "\(predictor.threshold)\n")
    }
  }
}
