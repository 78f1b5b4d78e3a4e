import Tensors

/// A bank of one-dimensional filters, the convolution of signals (lecture rows L5 and L6).
///
///     x  [n, 1, w, inputs]           W  [k, inputs, outputs]
///     y  [n, 1, w′, outputs]         b  [outputs], or none
///     w′ = ⌊(w + padding − k) / stride⌋ + 1
///
///     y[j, g] = b[g] + Σ_{v, f} x[stride·j + v, f] · W[v, f, g]
///
/// A signal is an image of one row, so this is a ``Convolution2D`` with a kernel of one row, all passes
/// included. With one channel, an odd `k` and the padding `k − 1` it is the lecture's: `q` is as long as
/// `p`, and
///
///     dp = flip(w) ⋆ pad(dq, ⌊k/2⌋)        dw = dq ⋆ pad(p, ⌊k/2⌋)
///
/// Files hold the weight as PyTorch's `Conv1d` does, `[outputs, inputs, k]`.
public final class Convolution1D: Convolution2D {
  /// - Parameter padding: zeros at both ends; `height` of an explicit one must be 0.
  /// - Precondition: positive extents.
  public init(
    _ name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1,
    padding: Padding = .valid, bias: Bool = true
  ) {
    if case .explicit(let zeros) = padding {
      precondition(zeros.height == 0, "\(name): padding above and below a signal")
    }
    super.init(
      name, inputs: inputs, outputs: outputs, kernel: Extent2D(1, kernel),
      stride: Extent2D(1, stride), padding: padding, bias: bias,
      layout: .convolution1D(kernel: kernel, inputs: inputs, outputs: outputs), algorithm: nil)
  }

  /// - Throws: ``ShapeError`` unless the input is `[n, 1, w, inputs]` and the kernel fits into it.
  public override func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[1] == 1, input[3] == inputs else {
      throw ShapeError(layer: name, expected: "[n, 1, w, \(inputs)]", found: input)
    }
    return try super.outputShape(for: input)
  }
}
