import Datasets
import Training

/// Everything that an evaluation of a classifier found.
public struct ClassificationResult: Sendable {
  public let report: ClassificationReport
  public let examples: ClassifiedExamples
  /// The same report without test-time augmentation; nil without it.
  public let singleView: ClassificationReport?
  public let calibration: Calibration
  public let coverage: CoverageCurve
  /// All images of the split; ``ClassifiedExamples/indices`` are places among them.
  public let images: ImageSet
  /// The file of each image; nil if images have no files of their own.
  public let fileNames: [String]?
  /// The places of the examples that were not classified correctly, the largest loss first.
  public let mistakes: [Int]

  /// The number of mistakes that are shown first, as the course's lab asks for.
  public static let worstCount = 20

  public init(
    report: ClassificationReport, examples: ClassifiedExamples, singleView: ClassificationReport?,
    images: ImageSet, fileNames: [String]? = nil
  ) {
    self.report = report
    self.examples = examples
    self.singleView = singleView
    self.images = images
    self.fileNames = fileNames
    calibration = Calibration(confidences: examples.confidences, hits: examples.hits)
    coverage = CoverageCurve(confidences: examples.confidences, hits: examples.hits)
    mistakes = examples.mistakes
  }

  /// The mistakes of the largest loss, at most ``worstCount``.
  var worst: [Int] { Array(mistakes.prefix(Self.worstCount)) }

  /// The accuracy if five classes are named for each example; nil if there are not more classes than that.
  var topFive: Double? { examples.classes > 5 ? examples.topAccuracy(5) : nil }

  /// The name of a class.
  func name(_ label: Int) -> String { report.classes[label].name }

  /// The file of an example's image; nil if it has none of its own.
  func file(_ place: Int) -> String? { fileNames?[examples.indices[place]] }

  /// The index of an example, with its file.
  func placeText(_ place: Int) -> String {
    ReportText.place(examples.indices[place], file(place))
  }

  /// The image of an example.
  func image(_ place: Int) -> Raster { Raster(images, examples.indices[place]) }

  /// True if images can be shown: with 1 or 3 channels.
  var hasPictures: Bool { images.channels == 1 || images.channels == 3 }

  /// The coverages of the table of accuracy against coverage.
  static let coverages = [0.5, 0.8, 0.9, 0.95, 0.99, 1]
}
