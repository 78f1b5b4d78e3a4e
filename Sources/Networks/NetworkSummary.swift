import Layers
import Tensors

/// The output shape and the cost of each layer of a network.
public struct NetworkSummary: Sendable {
  public struct Row: Equatable, Sendable {
    public let name: String
    /// The output's extents for one example.
    public let shape: [Int]
    /// The number of trained and frozen values. Running averages are not parameters.
    public let parameters: Int
    /// The multiply-adds of one example's forward pass.
    public let multiplyAdds: Int
    /// The size of one example's output and saved state in bytes.
    public let activationBytes: Int
    /// The extents of the input region that one output depends on; nil if it is the whole input.
    public let receptiveField: (height: Int, width: Int)?

    public static func == (a: Row, b: Row) -> Bool {
      a.name == b.name && a.shape == b.shape && a.parameters == b.parameters
        && a.multiplyAdds == b.multiplyAdds && a.activationBytes == b.activationBytes
        && a.receptiveField?.height == b.receptiveField?.height
        && a.receptiveField?.width == b.receptiveField?.width
    }
  }

  public let rows: [Row]

  public init(_ network: Sequential) {
    var field: (height: Double, width: Double)? = (1, 1)
    // The distance between neighboring outputs in input pixels; below 1 behind an enlargement.
    var jump = (height: 1.0, width: 1.0)
    rows = network.layers.enumerated().map { index, layer in
      let input = network.inputShape(ofLayer: index)
      let output = network.outputShapes[index]
      if let window = layer.window {
        field = field.map {
          (
            $0.height + Double(window.size.height - 1) * jump.height,
            $0.width + Double(window.size.width - 1) * jump.width
          )
        }
        jump.height *= Double(window.stride.height) / Double(layer.enlargement.height)
        jump.width *= Double(window.stride.width) / Double(layer.enlargement.width)
      } else if layer is any BatchLayer || layer is GlobalPooling {
        field = nil
      }
      let saved = (layer as? any ExampleLayer)?.savedStateBytes(for: input) ?? 0
      return Row(
        name: layer.name, shape: Array(output.array.dropFirst()),
        parameters: layer.parameters.filter { $0.role != .running }
          .reduce(0) { $0 + $1.layout.count },
        multiplyAdds: layer.multiplyAdds(for: input),
        activationBytes: layer is any ViewLayer
          ? 0 : output.count * MemoryLayout<Float>.stride + saved,
        receptiveField: field.map { (Self.whole($0.height), Self.whole($0.width)) })
    }
  }

  /// Rounds up, and limits the product of many large strides, which could exceed the greatest
  /// `Int`.
  private static func whole(_ extent: Double) -> Int { Int(min(extent, 0x1p53).rounded(.up)) }

  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  public var multiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }
  public var activationBytes: Int { rows.reduce(0) { $0 + $1.activationBytes } }
}
