import Checkpoints
import Files
import Layers

/// The mean of several checkpoints of one network.
///
/// Each value is the mean of the checkpoints' values, summed in double in their order and rounded
/// once. The running averages of batch normalization are averaged like parameters. The optimizer's
/// state is left out, so a run cannot be resumed from the mean.
public struct CheckpointAverage {
  private let first: TrainedModel
  /// One for each of the network's parameters, in stored order.
  private var sums: [[Double]]
  private var count = 1
  /// True if all checkpoints were trained on the data of the first.
  private var hasOneDataSet = true

  public init(_ first: TrainedModel) {
    self.first = first
    sums = first.network.parameters.map { $0.storedValues().map(Double.init) }
  }

  /// Adds another checkpoint.
  ///
  /// - Throws: `CheckpointError` for a network with other layers, inputs or classes, or with another
  ///   normalization of its inputs.
  public mutating func add(_ other: TrainedModel) throws(CheckpointError) {
    for (found, expected) in zip(Self.description(of: other), Self.description(of: first))
    where found != expected {
      throw CheckpointError(
        path: other.path, problem: .otherModel(found: found, expected: expected))
    }
    for (index, parameter) in other.network.parameters.enumerated() {
      for (place, value) in parameter.storedValues().enumerated() {
        sums[index][place] += Double(value)
      }
    }
    count += 1
    if other.trainedOn != first.trainedOn { hasOneDataSet = false }
  }

  /// True if the network has running averages of batch normalization.
  public var hasRunningAverages: Bool {
    first.network.parameters.contains { $0.role == .running }
  }

  /// Writes the mean to a checkpoint file for `evaluate` and `--init`.
  ///
  /// Its description and its settings are those of the first checkpoint. It names the training data
  /// if all checkpoints have the same.
  ///
  /// - Throws: `CheckpointProblem` or `OutputFileError`, also if the file exists already.
  public func write(to path: String) throws {
    let tensors = zip(first.network.parameters, sums).map { parameter, sums in
      StoredTensor(
        name: parameter.name, shape: parameter.layout.storedShape,
        values: sums.map { Float($0 / Double(count)) })
    }
    var metadata = first.model.metadata
    metadata["configuration"] = first.configuration.json
    if hasOneDataSet { metadata["data"] = first.trainedOn?.description }
    let bytes = try CheckpointFile.encode(
      tensors: tensors.sorted {
        Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8))
      }, metadata: metadata)
    try OutputFile.writeNew(bytes, to: path)
  }

  /// What two checkpoints of one network have in common: layers, input, classes and normalization.
  private static func description(of trained: TrainedModel) -> [String] {
    let model = trained.model
    return [
      model.architecture.canonical, "\(model.height)×\(model.width)×\(model.channels)",
      model.classNames.joined(separator: ","), "mean \(model.mean)", "std \(model.std)",
    ]
  }
}
