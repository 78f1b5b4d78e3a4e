import Layers

/// The order of the axes of weights in the files of another program.
///
/// `ParameterLayout` in `Layers/Core` converts PyTorch's order to the order in memory.
///
///     layer                   pytorch                  mlx
///     conv                    [cout, cin, kh, kw]      [cout, kh, kw, cin]
///     convt                   [cin, cout, kh, kw]      [cout, kh, kw, cin]
///     conv1d                  [cout, cin, k]           [cout, k, cin]
///     fc after an image       columns in (c, h, w)     columns in (h, w, c)
public enum WeightLayout: String, CaseIterable, Sendable {
  case pytorch
  case mlx
}

/// A parameter of a network, and the order of its axes in each layout of files.
struct InitialTarget {
  let parameter: Parameter
  /// PyTorch's extents. For a fully connected layer after an image, the columns are three extents
  /// (c, h, w).
  private let extents: [Int]
  /// The index in MLX's layout of each of ``extents``.
  private let mlxAxes: [Int]
  /// The index in ``extents`` of the number of outputs.
  private let outputAxis: Int

  init(_ parameter: Parameter, of layer: any Layer) {
    self.parameter = parameter
    let shape = parameter.layout.storedShape
    if case .fullyConnected(_, let outputs, let image?) = parameter.layout {
      extents = [outputs, image.channels, image.height, image.width]
      mlxAxes = [0, 3, 1, 2]
      outputAxis = 0
      return
    }
    extents = shape
    let isTransposed = layer is TransposedConvolution2D && shape.count == 4
    outputAxis = isTransposed ? 1 : 0
    switch shape.count {
    case 4: mlxAxes = isTransposed ? [3, 0, 1, 2] : [0, 3, 1, 2]
    case 3: mlxAxes = [0, 2, 1]
    default: mlxAxes = Array(shape.indices)
    }
  }

  /// All parameters of a network, in its order.
  static func all(of network: Sequential) -> [InitialTarget] {
    network.layers.flatMap { layer in
      layer.parameters.map { InitialTarget($0, of: layer) }
    }
  }

  /// The shape in files of a layout.
  func shape(in layout: WeightLayout) -> [Int] {
    let stored = parameter.layout.storedShape
    // A fully connected layer's weight has two axes in both layouts; only the order of its columns
    // differs.
    guard layout == .mlx, extents.count == stored.count else { return stored }
    return mlxExtents
  }

  /// The index in ``shape(in:)`` of the number of outputs.
  func outputAxis(in layout: WeightLayout) -> Int {
    layout == .mlx ? mlxAxes[outputAxis] : outputAxis
  }

  private var mlxExtents: [Int] {
    var mlx = extents
    for (axis, place) in mlxAxes.enumerated() { mlx[place] = extents[axis] }
    return mlx
  }

  /// True if the order of the elements differs between the two layouts.
  var dependsOnLayout: Bool {
    let places = zip(extents, mlxAxes).filter { $0.0 > 1 }.map(\.1)
    return places != places.sorted()
  }

  /// Reorders `values` from a layout to PyTorch's order.
  func stored(_ values: [Float], from layout: WeightLayout) -> [Float] {
    guard layout == .mlx, dependsOnLayout else { return values }
    var mlxStrides = [Int](repeating: 1, count: extents.count)
    for place in (0..<extents.count - 1).reversed() {
      mlxStrides[place] = mlxStrides[place + 1] * mlxExtents[place + 1]
    }
    let strides = mlxAxes.map { mlxStrides[$0] }
    var index = [Int](repeating: 0, count: extents.count)
    var source = 0
    return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      for place in 0..<values.count {
        buffer[place] = values[source]
        // Counts up, with the last axis fastest.
        for axis in extents.indices.reversed() {
          index[axis] += 1
          source += strides[axis]
          if index[axis] < extents[axis] { break }
          source -= strides[axis] * extents[axis]
          index[axis] = 0
        }
      }
      count = values.count
    }
  }
}
