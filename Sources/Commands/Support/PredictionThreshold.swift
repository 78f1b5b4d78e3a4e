import ArgumentParser
import Datasets
import Tensors
import Training

/// The probability below which a prediction is marked as unsure.
enum PredictionThreshold: Equatable, ExpressibleByArgument {
  case given(Float)
  /// The probability that 99 of 100 validation images reach.
  case calibrated

  static let standard = PredictionThreshold.given(0.5)

  init?(argument: String) {
    if argument == "auto" {
      self = .calibrated
    } else if let value = Float(argument), (0...1).contains(value) {
      self = .given(value)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .given(let value): "\(value)"
    case .calibrated: "auto"
    }
  }

  /// The threshold for a network, and whether files of its training folder were left out.
  ///
  /// Calibration predicts the images of the run's validation split, and takes the greatest
  /// probability of each. The threshold is the value at one hundredth of the sorted list.
  func value(
    for trained: TrainedModel, _ model: Model, skipUnreadable: Bool
  ) throws -> (threshold: Float, leavesFilesOut: Bool) {
    if case .given(let value) = self { return (value, false) }
    let data: EvaluationData
    do {
      data = try EvaluationData(
        of: trained, name: trained.model.dataset, folder: trained.dataDirectory,
        split: .validation, skippingUnreadable: skipUnreadable)
    } catch EvaluationDataError.noValidation(let path) {
      throw Failure(
        .badData,
        "--threshold auto: the run of \(path) kept no examples for validation (expected one with "
          + "--val-split above 0). Give a probability, such as --threshold 0.5.")
    }
    for notice in data.notices { Notice.warning(notice) }
    let greatest = model.probabilities(of: data.images.pixels(of: data.indices)).map {
      $0.max() ?? 0
    }
    return (greatest.sorted()[greatest.count / 100], data.leavesFilesOut)
  }
}
