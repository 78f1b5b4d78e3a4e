/// A tensor of third order `x^(f)_ij`, `[channels, rows, columns]`: the activations of one example.
///
/// The lecture draws it as slices `x^(f)`, one matrix for each channel.
public struct Volume<Scalar: Numeric>: Grid {
  public let channels: Int
  public let rows: Int
  public let columns: Int
  public var elements: [Scalar]

  public init(shape: [Int], elements: [Scalar]) {
    precondition(
      shape.count == 3 && shape.reduce(1, *) == elements.count,
      "Volume: \(elements.count) elements for \(shape)")
    self.channels = shape[0]
    self.rows = shape[1]
    self.columns = shape[2]
    self.elements = elements
  }

  /// The volume with these slices: at least one, all of one shape.
  public init(_ slices: [Matrix<Scalar>]) {
    precondition(!slices.isEmpty, "Volume: no slices")
    precondition(
      slices.allSatisfy { $0.shape == slices[0].shape }, "Volume: slices of different shapes")
    self.init(
      shape: [slices.count] + slices[0].shape, elements: slices.flatMap { $0.elements })
  }

  /// The volume with slices `x^(f) = slice(f)`.
  public init(channels: Int, slice: (Int) -> Matrix<Scalar>) {
    self.init((0..<channels).map(slice))
  }

  /// The volume with `x^(f)_ij = element(f, i, j)`.
  public init(channels: Int, rows: Int, columns: Int, element: (Int, Int, Int) -> Scalar) {
    var elements: [Scalar] = []
    elements.reserveCapacity(channels * rows * columns)
    for f in 0..<channels {
      for i in 0..<rows {
        for j in 0..<columns { elements.append(element(f, i, j)) }
      }
    }
    self.init(shape: [channels, rows, columns], elements: elements)
  }

  /// A volume of zeros.
  public init(zeros channels: Int, _ rows: Int, _ columns: Int) {
    self.init(
      shape: [channels, rows, columns],
      elements: Array(repeating: 0, count: channels * rows * columns))
  }

  public var shape: [Int] { [channels, rows, columns] }

  public subscript(f: Int, i: Int, j: Int) -> Scalar {
    get { elements[index(f, i, j)] }
    set { elements[index(f, i, j)] = newValue }
  }

  /// The slice `x^(f)`, `[rows, columns]`.
  public subscript(f: Int) -> Matrix<Scalar> {
    let start = index(f, 0, 0)
    return Matrix(
      shape: [rows, columns], elements: Array(elements[start..<start + rows * columns]))
  }

  private func index(_ f: Int, _ i: Int, _ j: Int) -> Int {
    precondition(
      f >= 0 && f < channels && i >= 0 && i < rows && j >= 0 && j < columns,
      "element (\(f), \(i), \(j)) of a \(channels)×\(rows)×\(columns) volume")
    return (f * rows + i) * columns + j
  }
}

extension Volume: Sendable where Scalar: Sendable {}
