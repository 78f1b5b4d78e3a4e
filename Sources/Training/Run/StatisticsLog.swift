import Files

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// `statistics.jsonl`: the norm of each step's gradient, and what the last step of each epoch did to each
/// parameter.
///
/// It stands beside `metrics.jsonl`, whose hash is part of each checkpoint. Each line has the number of its step,
/// so a resumed run finds its place without a mark.
final class StatisticsLog {
  private let log: MetricsLog
  /// The mean over the steps of each epoch that has ended.
  private(set) var gradientNorms: [Int: Double] = [:]
  /// The sum over the steps of the present epoch, and their number.
  private var (sum, count) = (0.0, 0)
  /// The steps of a resumed run whose lines are missing since the last epoch that has one.
  private(set) var missingSteps = 0

  /// Creates an empty log at `path`, at which nothing may exist.
  init(creating path: String) throws(OutputFileError) { log = try MetricsLog(creating: path) }

  /// Continues the log at `path` after `step`, or creates it.
  init(resuming path: String, after step: Int) throws(MetricsLogError) {
    let bytes: [UInt8]
    do throws(InputFileProblem) { bytes = try InputFile.read(path, limit: 1 << 32) } catch {
      switch error {
      case .missing:
        do throws(OutputFileError) { log = try MetricsLog(creating: path) } catch {
          throw .output(error)
        }
        missingSteps = step
      case .empty:
        missingSteps = step
        log = try MetricsLog.reopen(path, cutBackTo: .empty)
      case .unreadable: throw .unreadable(path: path, reason: SystemError(EACCES))
      case .directory, .notRegular: throw .notRegular(path: path)
      case .danglingLink, .tooLarge, .failed: throw .notInput(path: path, error)
      }
      return
    }
    let kept = StatisticsHistory.prefix(of: bytes, through: step)
    log = try MetricsLog.reopen(
      path, cutBackTo: .init(length: kept.count, sha256: Hash.sha256(of: [Array(kept)])))
    let epochs = StatisticsHistory.epochs(in: Array(kept))
    for epoch in epochs { gradientNorms[epoch.epoch] = epoch.gradientNorm }
    for norm in StatisticsHistory.gradientNorms(in: kept, after: epochs.last?.step ?? 0) {
      sum += norm
      count += 1
    }
    missingSteps = step - (epochs.last?.step ?? 0) - count
  }

  func append(_ step: StepReport) {
    sum += step.gradientNorm
    count += 1
    log.append([
      "kind": "step", "step": .integer(step.step), "gradient_norm": .number(step.gradientNorm),
    ])
  }

  func append(_ epoch: EpochReport) {
    let mean = sum / Double(max(count, 1))
    (sum, count) = (0, 0)
    gradientNorms[epoch.epoch] = mean
    log.append([
      "kind": "epoch", "epoch": .integer(epoch.epoch), "step": .integer(epoch.step),
      "gradient_norm": .number(mean),
      "parameters": .array(epoch.parameters.map(\.json)),
    ])
  }

  /// Adds the ReLUs of the network after `step`, over `images` images.
  func append(_ relus: [RectifierStatistics], epoch: Int, step: Int, images: Int) {
    log.append([
      "kind": "relus", "epoch": .integer(epoch), "step": .integer(step),
      "images": .integer(images), "layers": .array(relus.map(\.json)),
    ])
  }

  /// Writes the collected lines to the disk.
  func flush() throws(OutputFileError) { try log.flush() }
}

/// The activations of a layer of ReLU over some images.
public struct RectifierStatistics: Equatable, Sendable {
  public let name: String
  /// The number of channels, and of those that are 0 everywhere in all images.
  public let channels: Int
  public let dead: Int
  /// The fraction of the activations that are 0.
  public let zeros: Double

  public init(name: String, channels: Int, dead: Int, zeros: Double) {
    self.name = name
    self.channels = channels
    self.dead = dead
    self.zeros = zeros
  }

  fileprivate var json: CanonicalJSON {
    [
      "name": .string(name), "channels": .integer(channels), "dead": .integer(dead),
      "zeros": .number(zeros),
    ]
  }
}

extension ParameterUpdate {
  fileprivate var json: CanonicalJSON {
    [
      "name": .string(name), "weight_norm": .number(weightNorm),
      "gradient_norm": .number(gradientNorm), "update_norm": .number(updateNorm),
      "gradient_range": [
        .number(gradient.range.lowerBound), .number(gradient.range.upperBound),
      ],
      "gradient_counts": .array(gradient.counts.map { .integer($0) }),
    ]
  }
}
