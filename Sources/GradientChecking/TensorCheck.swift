/// The comparison of the elements of one tensor with their expected values.
public struct TensorCheck: Equatable, Sendable {
  /// The layer, by name or in the course's notation.
  public private(set) var layer: String
  /// The shape of the layer's input, examples first.
  public let input: [Int]
  /// The name of the tensor, such as `weight`.
  public let tensor: String
  /// The tensor's extents, in PyTorch's order: `[n, c, h, w]` for activations.
  public let shape: [Int]
  /// The number of elements that were compared.
  public let checked: Int
  /// The number of elements that were skipped, since a kink or a tie is too close.
  public let skipped: Int
  /// The maximum difference divided by ``scale``; infinite if any element is not a number.
  public let error: Double
  /// The index of that element in ``shape``; empty if nothing was compared.
  public let place: [Int]
  /// The value of that element, and its expected value.
  public let found: Double
  public let expected: Double
  /// The divisor of all differences: the maximum expected value, or a floor if that is greater.
  public let scale: Double
  /// The maximum error that passes.
  public let bound: Double

  public var passes: Bool { checked > 0 && error <= bound }

  /// Compares elements.
  ///
  /// - Parameters:
  ///   - elements: the index of each element in the tensor, its value and its expected value.
  ///   - floor: the minimum of ``scale``.
  init(
    layer: String, input: [Int], tensor: String, shape: [Int],
    elements: [(index: Int, found: Double, expected: Double)], skipped: Int = 0, floor: Double,
    bound: Double
  ) {
    let greatest = elements.reduce(floor) { max($0, abs($1.expected)) }
    var worst = (error: 0.0, position: 0)
    for (position, element) in elements.enumerated() {
      let difference = abs(element.found - element.expected)
      let error = difference == 0 ? 0 : difference / greatest
      if !(error <= worst.error) {
        worst = (error.isNaN ? .infinity : error, position)
        if error.isNaN { break }
      }
    }
    self.layer = layer
    self.input = input
    self.tensor = tensor
    self.shape = shape
    checked = elements.count
    self.skipped = skipped
    error = worst.error
    place = elements.isEmpty ? [] : Self.place(of: elements[worst.position].index, in: shape)
    found = elements.isEmpty ? 0 : elements[worst.position].found
    expected = elements.isEmpty ? 0 : elements[worst.position].expected
    scale = greatest
    self.bound = bound
  }

  /// The same figures under another layer's name.
  func named(_ layer: String) -> TensorCheck {
    var check = self
    check.layer = layer
    return check
  }

  /// The number of elements of the tensor.
  public var count: Int { shape.reduce(1, *) }

  private static func place(of index: Int, in shape: [Int]) -> [Int] {
    var rest = index
    return Array(
      shape.reversed().map { extent in
        defer { rest /= extent }
        return rest % extent
      }.reversed())
  }
}
