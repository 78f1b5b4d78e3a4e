import Layers
import Training

/// The distribution of each weight tensor of a network, without biases and running averages.
public struct WeightFigures: Sendable {
  public let tensors: [WeightCharts.Tensor]

  private static let bins = 40

  public init(_ network: Sequential) {
    tensors = network.parameters.filter { $0.layout.storedShape.count > 1 }.map { parameter in
      let values = parameter.storedValues()
      let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
      let variance =
        values.reduce(0.0) { sum, value in
          let deviation = Double(value) - mean
          return sum + deviation * deviation
        } / Double(values.count)
      return WeightCharts.Tensor(
        name: parameter.name, histogram: Histogram(of: values, bins: Self.bins),
        figureName: "std", figure: variance.squareRoot())
    }
  }
}
