/// The kernels `w^(g,f)_uv` of a convolution over channels, `[outputs, inputs, rows, columns]`.
///
/// `w^(g,f)` is the kernel from input channel `f` to output channel `g`. The layout is PyTorch's.
public struct Kernel<Scalar: Numeric>: Grid {
  public let outputs: Int
  public let inputs: Int
  public let rows: Int
  public let columns: Int
  public var elements: [Scalar]

  public init(shape: [Int], elements: [Scalar]) {
    precondition(
      shape.count == 4 && shape.reduce(1, *) == elements.count,
      "Kernel: \(elements.count) elements for \(shape)")
    self.outputs = shape[0]
    self.inputs = shape[1]
    self.rows = shape[2]
    self.columns = shape[3]
    self.elements = elements
  }

  /// The kernels `w^(g,f) = slice(g, f)`, which must have one shape.
  public init(outputs: Int, inputs: Int, slice: (Int, Int) -> Matrix<Scalar>) {
    precondition(outputs > 0 && inputs > 0, "Kernel: \(outputs) outputs and \(inputs) inputs")
    let slices = (0..<outputs).flatMap { g in (0..<inputs).map { f in slice(g, f) } }
    precondition(
      slices.allSatisfy { $0.shape == slices[0].shape }, "Kernel: slices of different shapes")
    self.init(
      shape: [outputs, inputs] + slices[0].shape, elements: slices.flatMap { $0.elements })
  }

  /// Kernels of zeros.
  public init(zeros outputs: Int, _ inputs: Int, _ rows: Int, _ columns: Int) {
    self.init(
      shape: [outputs, inputs, rows, columns],
      elements: Array(repeating: 0, count: outputs * inputs * rows * columns))
  }

  public var shape: [Int] { [outputs, inputs, rows, columns] }

  public subscript(g: Int, f: Int, u: Int, v: Int) -> Scalar {
    get { elements[index(g, f, u, v)] }
    set { elements[index(g, f, u, v)] = newValue }
  }

  /// The kernel `w^(g,f)`, `[rows, columns]`.
  public subscript(g: Int, f: Int) -> Matrix<Scalar> {
    let start = index(g, f, 0, 0)
    return Matrix(
      shape: [rows, columns], elements: Array(elements[start..<start + rows * columns]))
  }

  private func index(_ g: Int, _ f: Int, _ u: Int, _ v: Int) -> Int {
    precondition(
      g >= 0 && g < outputs && f >= 0 && f < inputs && u >= 0 && u < rows && v >= 0
        && v < columns,
      "element (\(g), \(f), \(u), \(v)) of a \(outputs)×\(inputs)×\(rows)×\(columns) kernel")
    return ((g * inputs + f) * rows + u) * columns + v
  }
}

extension Kernel: Sendable where Scalar: Sendable {}
