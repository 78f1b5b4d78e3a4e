import Checkpoints
import Datasets
import Files
import Layers
import Networks
import Tensors

/// The description of a network in a checkpoint: enough to rebuild it and to prepare its input.
public struct ModelDescription: Equatable, Sendable {
  /// The model's name, or `custom`.
  public let name: String
  public let architecture: Architecture
  public let height: Int
  public let width: Int
  public let channels: Int
  /// The name of the training data set.
  public let dataset: String
  public let classNames: [String]
  /// The mean of each channel, of pixels scaled to 0…1.
  public let mean: [Float]
  public let std: [Float]

  init(_ configuration: Configuration, network: Sequential, data: TrainingData) {
    guard let choice = configuration.network, let layers = configuration.architecture else {
      preconditionFailure("a run's configuration names its network")
    }
    name = choice.name
    architecture = layers
    height = network.inputShape[1]
    width = network.inputShape[2]
    channels = network.inputShape[3]
    dataset = configuration.dataset
    classNames = data.classNames
    mean = data.normalization.mean
    std = data.normalization.std
  }

  /// Describes a custom network.
  init(
    _ architecture: Architecture, height: Int, width: Int, channels: Int, classNames: [String],
    normalization: Normalization
  ) {
    name = "custom"
    self.architecture = architecture
    (self.height, self.width, self.channels) = (height, width, channels)
    dataset = "own"
    self.classNames = classNames
    mean = normalization.mean
    std = normalization.std
  }

  /// Reads the description in a checkpoint.
  public init(_ checkpoint: Checkpoint) throws(CheckpointProblem) {
    name = try checkpoint.string("model")
    dataset = try checkpoint.string("dataset")
    let notation = try checkpoint.string("architecture")
    do throws(NotationError) { architecture = try Architecture(notation) } catch {
      throw .badMetadata(key: "architecture", found: notation)
    }
    let extents: [Int] = try checkpoint.numbers("input")
    guard extents.count == 3, extents.allSatisfy({ (1...4096).contains($0) }) else {
      throw .badMetadata(key: "input", found: try checkpoint.string("input"))
    }
    (height, width, channels) = (extents[0], extents[1], extents[2])
    mean = try checkpoint.numbers("mean")
    std = try checkpoint.numbers("std")
    let classes = try checkpoint.string("classes")
    guard case .array(let names)? = try? StrictJSON.parse(classes) else {
      throw .badMetadata(key: "classes", found: classes)
    }
    classNames = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
    // The names must be unique, because evaluation matches classes by name.
    guard classNames.count == names.count, !names.isEmpty,
      Set(classNames).count == names.count
    else {
      throw .badMetadata(key: "classes", found: classes)
    }
  }

  /// The description as a checkpoint's metadata.
  var metadata: [String: String] {
    func list<Number: CustomStringConvertible>(_ numbers: [Number]) -> String {
      numbers.map(\.description).joined(separator: ",")
    }
    return [
      "model": name, "architecture": architecture.canonical, "dataset": dataset,
      "input": list([height, width, channels]), "mean": list(mean), "std": list(std),
      "classes": CanonicalJSON.array(classNames.map { .string($0) }).text,
    ]
  }

  /// The network with the values in `checkpoint`; the optimizer's state is ignored.
  public func network(_ checkpoint: Checkpoint) throws(CheckpointProblem) -> Sequential {
    let network: Sequential
    do throws(NotationError) {
      network = try architecture.network(
        input: [1, height, width, channels], classes: classNames.count)
    } catch {
      throw .badMetadata(key: "architecture", found: architecture.canonical)
    }
    let values = try checkpoint.values(
      matching: network.parameters.map { ($0.name, $0.layout.storedShape) },
      passingOver: { $0.hasPrefix("optim.") })
    for (parameter, values) in zip(network.parameters, values) {
      parameter.setValues(stored: values)
    }
    return network
  }

  /// The conversion of pixels to the network's input.
  public func normalization() throws(CheckpointProblem) -> Normalization {
    do throws(NormalizationError) {
      return try Normalization(mean: mean, std: std, channels: channels)
    } catch {
      throw .badMetadata(key: "std", found: "\(error)")
    }
  }
}

extension Checkpoint {
  /// The comma-separated numbers under `key` in the metadata.
  func numbers<Number: LosslessStringConvertible>(
    _ key: String
  ) throws(CheckpointProblem) -> [Number] {
    let text = try string(key)
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Number(String($0)) }
    guard numbers.count == parts.count else { throw .badMetadata(key: key, found: text) }
    return numbers
  }
}
