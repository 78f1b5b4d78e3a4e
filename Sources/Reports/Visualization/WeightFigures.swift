import Checkpoints
import Layers
import Training

/// The distribution of each weight tensor of a network, without biases and running averages.
public struct WeightFigures: Sendable {
  public let tensors: [WeightCharts.Tensor]

  private static let bins = 40

  public init(_ network: Sequential) {
    tensors = network.parameters.filter { $0.layout.storedShape.count > 1 }.map { parameter in
      let values = parameter.storedValues()
      return WeightCharts.Tensor(
        name: parameter.name, histogram: Histogram(of: values, bins: Self.bins),
        figureName: "std", figure: TensorStatistics(of: values).std ?? .nan)
    }
  }
}
