/// Zeros around an image.
public enum Padding: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// No zeros: one output for each position where the whole kernel lies inside the image.
  case valid
  /// `k − 1` zeros along each axis, the odd one after the image, so that a convolution of stride 1
  /// keeps the image's size.
  case same
  /// The given number of zeros on each side.
  case explicit(Extent2D)

  /// The zeros before and after an axis for a kernel of extent `k`.
  public func zeros(kernel k: Int, _ axis: KeyPath<Extent2D, Int>) -> (before: Int, after: Int) {
    switch self {
    case .valid: (0, 0)
    case .same: ((k - 1) / 2, k - 1 - (k - 1) / 2)
    case .explicit(let extent): (extent[keyPath: axis], extent[keyPath: axis])
    }
  }

  public var description: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .explicit(let extent):
      extent.height == extent.width ? "\(extent.height)" : "\(extent)"
    }
  }
}

extension Padding {
  /// The error in the padding of a convolution, or nil.
  func problem(kernel: Extent2D) -> String? {
    guard case .explicit(let zeros) = self,
      zeros.height >= kernel.height || zeros.width >= kernel.width
    else { return nil }
    return "a padding of \(zeros) reaches past the kernel of \(kernel)"
  }
}
