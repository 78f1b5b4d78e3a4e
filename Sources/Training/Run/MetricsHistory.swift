import Datasets
import Files

/// The epochs in a run's `metrics.jsonl`.
public enum MetricsHistory {
  /// One epoch's line.
  public struct Epoch: Equatable, Sendable {
    public let epoch: Int
    public let trainLoss: Double
    /// Accuracies are nil for an autoencoder.
    public let trainAccuracy: Double?
    public let validationLoss: Double?
    public let validationAccuracy: Double?
    public let learningRate: Double

    public init(_ report: EpochReport) {
      epoch = report.epoch
      trainLoss = report.trainLoss
      trainAccuracy = report.trainAccuracy
      validationLoss = report.validationLoss
      validationAccuracy = report.validationAccuracy
      learningRate = report.learningRate
    }

    fileprivate init?(_ line: CanonicalJSON) {
      guard line["kind"] == "epoch", let epoch = line["epoch"]?.asWholeNumber,
        let trainLoss = line["train_loss"]?.asNumber, let learningRate = line["rate"]?.asNumber
      else { return nil }
      self.epoch = epoch
      self.trainLoss = trainLoss
      trainAccuracy = line["train_accuracy"]?.asNumber
      validationLoss = line["validation_loss"]?.asNumber
      validationAccuracy = line["validation_accuracy"]?.asNumber
      self.learningRate = learningRate
    }
  }

  /// The epochs in `bytes`; lines of other kinds are ignored.
  public static func epochs(in bytes: [UInt8]) -> [Epoch] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      // Most lines are about steps and need not be parsed.
      guard line.starts(with: Array(#"{"kind":"epoch""#.utf8)),
        let value = try? StrictJSON.parse(line)
      else { return nil }
      return Epoch(value)
    }
  }
}

extension CanonicalJSON {
  /// A whole number; nil for other values and for numbers out of range.
  package var asWholeNumber: Int? {
    if case .integer(let value) = self { return value }
    return asNumber.flatMap { Int(exactly: $0) }
  }

  package var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .float(let value): Double(value)
    default: nil
    }
  }
}
