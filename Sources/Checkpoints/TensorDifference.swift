/// The difference between two tensors of one name.
///
/// The relative difference of two elements is `|a − b| / max(|a|, |b|)`, which is at most 2, and 0 for equal
/// elements.
public struct TensorDifference: Sendable, Equatable {
  /// The number of elements whose bits differ. A NaN equals a NaN of the same bits.
  public let count: Int
  /// The number of elements of each tensor.
  public let total: Int
  /// The greatest difference, and the index of its element; infinite if one of the elements is not finite
  /// and they differ.
  public let absolute: Double
  public let absoluteIndex: Int
  public let relative: Double
  public let relativeIndex: Int

  /// - Precondition: the tensors have the same number of elements.
  public init(_ a: [Float], _ b: [Float]) {
    precondition(a.count == b.count, "TensorDifference: \(a.count) and \(b.count) elements")
    var (count, absolute, relative) = (0, 0.0, 0.0)
    var (absoluteIndex, relativeIndex) = (0, 0)
    for index in a.indices where a[index].bitPattern != b[index].bitPattern {
      count += 1
      let (x, y) = (Double(a[index]), Double(b[index]))
      guard x != y else { continue }  // 0 and −0
      let isFinite = x.isFinite && y.isFinite
      let difference = isFinite ? (x - y).magnitude : .infinity
      let ratio = isFinite ? difference / max(x.magnitude, y.magnitude) : .infinity
      if difference > absolute { (absolute, absoluteIndex) = (difference, index) }
      if ratio > relative { (relative, relativeIndex) = (ratio, index) }
    }
    self.count = count
    total = a.count
    (self.absolute, self.absoluteIndex) = (absolute, absoluteIndex)
    (self.relative, self.relativeIndex) = (relative, relativeIndex)
  }
}

/// The differences between the tensors of two files.
public struct FileDifference: Sendable {
  /// A tensor that both files have, with different values.
  public struct Changed: Sendable {
    public let name: String
    public let shape: [Int]
    public let difference: TensorDifference
  }

  /// A tensor that both files have with different shapes, or whose values cannot be compared.
  public struct Misshapen: Sendable, Equatable {
    public let name: String
    public let first: [Int]
    public let second: [Int]
  }

  /// The names of the tensors that only one of the files has.
  public let onlyFirst: [String]
  public let onlySecond: [String]
  public let misshapen: [Misshapen]
  public let changed: [Changed]
  /// The number of tensors with equal bits.
  public let equalCount: Int

  public init(_ first: InspectedFile, _ second: InspectedFile) {
    var others: [String: InspectedFile.Tensor] = [:]
    for tensor in second.tensors { others[tensor.name] = tensor }
    var (onlyFirst, misshapen, changed, equalCount) =
      ([String](), [Misshapen](), [Changed](), 0)
    for tensor in first.tensors {
      guard let other = others[tensor.name] else {
        onlyFirst.append(tensor.name)
        continue
      }
      guard tensor.shape == other.shape, let a = tensor.values, let b = other.values else {
        misshapen.append(Misshapen(name: tensor.name, first: tensor.shape, second: other.shape))
        continue
      }
      let difference = TensorDifference(a, b)
      if difference.count == 0 {
        equalCount += 1
      } else {
        changed.append(Changed(name: tensor.name, shape: tensor.shape, difference: difference))
      }
    }
    let names = Set(first.tensors.map(\.name))
    onlySecond = second.tensors.map(\.name).filter { !names.contains($0) }
    (self.onlyFirst, self.misshapen, self.changed) = (onlyFirst, misshapen, changed)
    self.equalCount = equalCount
  }

  public var isEmpty: Bool {
    onlyFirst.isEmpty && onlySecond.isEmpty && misshapen.isEmpty && changed.isEmpty
  }
}
