import Foundation

@testable import Export

/// Computes a graph in double, one node after the other, as the pages of the operators say
/// (onnx.ai/onnx/operators, version 17). It knows what this package writes, and nothing else.
struct ONNXInterpreter {
  struct Value {
    let shape: [Int]
    let elements: [Double]

    var count: Int { elements.count }
    /// The number of elements of all extents from `axis` on.
    func count(from axis: Int) -> Int { shape[axis...].reduce(1, *) }
  }

  struct Unknown: Error { let operation: String }

  private var values: [String: Value] = [:]

  /// - Returns: the graph's output.
  static func run(_ graph: ONNXGraph, on input: Value) throws -> Value {
    var interpreter = ONNXInterpreter()
    interpreter.values[graph.input.name] = input
    for constant in graph.constants {
      let elements =
        switch constant.values {
        case .floats(let values): values.map(Double.init)
        case .integers(let values): values.map(Double.init)
        }
      interpreter.values[constant.name] = Value(shape: constant.shape, elements: elements)
    }
    for node in graph.nodes { interpreter.values[node.output] = try interpreter.compute(node) }
    return interpreter.values[graph.output.name]!
  }

  private func compute(_ node: ONNXNode) throws -> Value {
    let inputs = node.inputs.map { values[$0] ?? Value(shape: [], elements: []) }
    let x = inputs[0]
    switch node.operation {
    case "Identity", "Cast": return x
    case "Relu": return map(x) { max(0, $0) }
    case "Sigmoid": return map(x) { 1 / (1 + exp(-$0)) }
    case "Tanh": return map(x, tanh)
    case "Erf": return map(x, erf)
    case "Add": return broadcast(x, inputs[1], +)
    case "Sub": return broadcast(x, inputs[1], -)
    case "Mul": return broadcast(x, inputs[1], *)
    case "Div": return broadcast(x, inputs[1], /)
    case "Softmax": return softmax(x)
    case "Flatten": return Value(shape: [x.shape[0], x.count(from: 1)], elements: x.elements)
    case "Reshape": return reshape(x, inputs[1].elements.map { Int($0) })
    case "Transpose": return transpose(x)
    case "Gemm": return gemm(x, inputs[1], inputs.count > 2 ? inputs[2] : nil)
    case "Conv": return convolve(node, x, inputs[1], inputs.count > 2 ? inputs[2] : nil)
    case "ConvTranspose":
      return convolveTransposed(node, x, inputs[1], inputs.count > 2 ? inputs[2] : nil)
    case "MaxPool", "AveragePool": return pool(node, x)
    case "GlobalMaxPool": return global(x) { $0.max()! }
    case "GlobalAveragePool": return global(x) { $0.reduce(0, +) / Double($0.count) }
    case "Pad": return pad(x, inputs[1].elements.map { Int($0) })
    case "Resize": return resize(node, x, inputs[2].elements.map { Int($0) })
    case "BatchNormalization": return normalize(node, x, inputs)
    case "InstanceNormalization": return normalizeInstances(node, x, inputs)
    default: throw Unknown(operation: node.operation)
    }
  }

  // MARK: Attributes

  func integers(_ node: ONNXNode, _ name: String, _ standard: [Int]) -> [Int] {
    guard case .integers(let values)? = node.attributes.first(where: { $0.name == name })?.value
    else { return standard }
    return values
  }

  func integer(_ node: ONNXNode, _ name: String) -> Int? {
    guard case .integer(let value)? = node.attributes.first(where: { $0.name == name })?.value
    else { return nil }
    return value
  }

  private func epsilon(_ node: ONNXNode) -> Double {
    guard case .float(let value)? = node.attributes.first(where: { $0.name == "epsilon" })?.value
    else { return 1e-5 }
    return Double(value)
  }

  func text(_ node: ONNXNode, _ name: String) -> String? {
    guard case .text(let value)? = node.attributes.first(where: { $0.name == name })?.value
    else { return nil }
    return value
  }

  // MARK: Elements

  private func map(_ x: Value, _ body: (Double) -> Double) -> Value {
    Value(shape: x.shape, elements: x.elements.map(body))
  }

  /// The second shape is aligned with the end of the first one, and its extents of 1 are repeated.
  func broadcast(_ x: Value, _ y: Value, _ body: (Double, Double) -> Double) -> Value {
    let shape = [Int](repeating: 1, count: x.shape.count - y.shape.count) + y.shape
    let elements = x.elements.indices.map { index in
      var (rest, place, step) = (index, 0, 1)
      for axis in x.shape.indices.reversed() {
        if shape[axis] > 1 {
          place += rest % x.shape[axis] * step
          step *= shape[axis]
        }
        rest /= x.shape[axis]
      }
      return body(x.elements[index], y.elements[place])
    }
    return Value(shape: x.shape, elements: elements)
  }

  private func softmax(_ x: Value) -> Value {
    let columns = x.shape[1]
    var elements: [Double] = []
    for row in 0..<x.shape[0] {
      let powers = x.elements[row * columns..<(row + 1) * columns].map { exp($0) }
      let sum = powers.reduce(0, +)
      elements += powers.map { $0 / sum }
    }
    return Value(shape: x.shape, elements: elements)
  }

  // MARK: Shapes

  private func reshape(_ x: Value, _ wanted: [Int]) -> Value {
    var shape = wanted.enumerated().map { $0.element == 0 ? x.shape[$0.offset] : $0.element }
    if let open = shape.firstIndex(of: -1) {
      shape[open] = x.count / shape.filter { $0 != -1 }.reduce(1, *)
    }
    precondition(shape.reduce(1, *) == x.count, "\(x.shape) as \(wanted)")
    return Value(shape: shape, elements: x.elements)
  }

  /// `[n, c, h, w]` as `[n, h, w, c]`.
  private func transpose(_ x: Value) -> Value {
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    var elements: [Double] = []
    for example in 0..<n {
      for pixel in 0..<h * w {
        for channel in 0..<c {
          elements.append(x.elements[(example * c + channel) * h * w + pixel])
        }
      }
    }
    return Value(shape: [n, h, w, c], elements: elements)
  }

  private func pad(_ x: Value, _ pads: [Int]) -> Value {
    let (top, left, bottom, right) = (pads[2], pads[3], pads[6], pads[7])
    let (h, w) = (x.shape[2], x.shape[3])
    return planes(x, h + top + bottom, w + left + right) { plane, i, j in
      let (i, j) = (i - top, j - left)
      return i >= 0 && i < h && j >= 0 && j < w ? plane(i, j) : 0
    }
  }

  /// Computes each plane of `[n, c, h, w]` from the plane at the same place.
  func planes(
    _ x: Value, _ height: Int, _ width: Int,
    _ body: (_ plane: (Int, Int) -> Double, _ i: Int, _ j: Int) -> Double
  ) -> Value {
    let (h, w) = (x.shape[2], x.shape[3])
    var elements: [Double] = []
    for plane in 0..<x.shape[0] * x.shape[1] {
      for i in 0..<height {
        for j in 0..<width {
          elements.append(body({ x.elements[(plane * h + $0) * w + $1] }, i, j))
        }
      }
    }
    return Value(shape: [x.shape[0], x.shape[1], height, width], elements: elements)
  }

  private func global(_ x: Value, _ body: ([Double]) -> Double) -> Value {
    let count = x.count(from: 2)
    let elements = (0..<x.shape[0] * x.shape[1]).map {
      body(Array(x.elements[$0 * count..<($0 + 1) * count]))
    }
    return Value(shape: [x.shape[0], x.shape[1], 1, 1], elements: elements)
  }

  // MARK: Products and normalization

  private func gemm(_ x: Value, _ weight: Value, _ bias: Value?) -> Value {
    let (rows, inputs, outputs) = (x.shape[0], x.shape[1], weight.shape[0])
    var elements: [Double] = []
    for row in 0..<rows {
      for output in 0..<outputs {
        elements.append(
          (0..<inputs).reduce(bias?.elements[output] ?? 0) {
            $0 + x.elements[row * inputs + $1] * weight.elements[output * inputs + $1]
          })
      }
    }
    return Value(shape: [rows, outputs], elements: elements)
  }

  private func normalize(_ node: ONNXNode, _ x: Value, _ inputs: [Value]) -> Value {
    let count = x.count(from: 2)
    let epsilon = epsilon(node)
    let elements = x.elements.indices.map { index in
      let c = index / count % x.shape[1]
      let (scale, shift, mean, variance) = (
        inputs[1].elements[c], inputs[2].elements[c], inputs[3].elements[c], inputs[4].elements[c]
      )
      return (x.elements[index] - mean) / (variance + epsilon).squareRoot() * scale + shift
    }
    return Value(shape: x.shape, elements: elements)
  }

  private func normalizeInstances(_ node: ONNXNode, _ x: Value, _ inputs: [Value]) -> Value {
    let count = x.count(from: 2)
    var elements: [Double] = []
    for plane in 0..<x.shape[0] * x.shape[1] {
      let part = x.elements[plane * count..<(plane + 1) * count]
      let mean = part.reduce(0, +) / Double(count)
      let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      let c = plane % x.shape[1]
      elements += part.map {
        ($0 - mean) / (variance + epsilon(node)).squareRoot() * inputs[1].elements[c]
          + inputs[2].elements[c]
      }
    }
    return Value(shape: x.shape, elements: elements)
  }
}
