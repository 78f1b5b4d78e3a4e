/// The lecture's worked exercise, with all intermediate tensors. Row L12.
///
///     f = w ⋆ x    r = max(0, f)    h = max r    s = W·h    L = −ln softmax(s)_y
///
/// Indices in this comment start from 1, as on the slide.
///
/// - The image `x` is 4×4, with 1 at (2, 2) and (3, 3) and zeros elsewhere.
/// - Two 3×3 kernels have neither padding nor bias. The first has −1 at (2, 1) and 1 at (2, 2). The second has
///   −1 at (3, 2) and 1 at (2, 2).
/// - ReLU and global max pooling follow. In both channels two places have the maximum; the first one counts.
/// - The fully connected layer is `W = I₂` without bias.
/// - The loss is the softmax cross-entropy with the class `y = 2`.
public struct WorkedExercise<Scalar: Real> {
  /// The image, `[1, 4, 4]`.
  public let x: Volume<Scalar>
  /// The kernels `w1` and `w2`, `[2, 1, 3, 3]`.
  public let w: Kernel<Scalar>
  /// The fully connected layer's weights, `[2, 2]`.
  public let weights: Matrix<Scalar>
  /// The class, counted from 0.
  public let y: Int

  /// The convolution's output, `[2, 2, 2]`.
  public let f: Volume<Scalar>
  /// The output of ReLU, `[2, 2, 2]`.
  public let r: Volume<Scalar>
  /// The output of global max pooling, `[2]`.
  public let h: Vector<Scalar>
  /// The scores, `[2]`.
  public let s: Vector<Scalar>
  /// `softmax(s)`, `[2]`.
  public let probabilities: Vector<Scalar>
  /// The loss `L`.
  public let loss: Scalar

  public let ds: Vector<Scalar>
  public let dW: Matrix<Scalar>
  public let dh: Vector<Scalar>
  public let dr: Volume<Scalar>
  public let df: Volume<Scalar>
  /// `∂L/∂w1` and `∂L/∂w2`, `[2, 1, 3, 3]`: the answer of the exercise.
  public let dw: Kernel<Scalar>
  public let dx: Volume<Scalar>

  /// Computes the forward pass and then the backward pass.
  public init() {
    x = Volume([Self.image])
    w = Kernel(outputs: 2, inputs: 1) { g, _ in [Self.kernel1, Self.kernel2][g] }
    weights = .identity(2)
    y = 1

    f = convolution2D(x, w, [0, 0], padding: 0)
    r = relu(f)
    h = globalMaxPooling(r)
    s = fullyConnected(h, weights, [0, 0])
    probabilities = softmax(s)
    loss = softmaxCrossEntropy(s, y)

    ds = softmaxCrossEntropyGradient(s, y)
    dW = fullyConnectedBackwardWeight(ds, h)
    dh = fullyConnectedBackwardInput(ds, weights)
    dr = globalMaxPoolingBackward(dh, r)
    df = reluBackward(dr, f)
    dw = convolution2DBackwardKernel(df, x, padding: 0)
    dx = convolution2DBackwardInput(df, w, padding: 0)
  }

  /// The same network as a list of layers for ``backpropagate(_:_:loss:)``.
  public static var layers: [any LectureLayer<Scalar>] {
    let w = Kernel(outputs: 2, inputs: 1) { g, _ in [kernel1, kernel2][g] }
    return [
      LectureConvolution(w, [0, 0]), LectureReLU(), LectureGlobalMaxPooling(),
      LectureFullyConnected(.identity(2), [0, 0]),
    ]
  }

  private static var image: Matrix<Scalar> {
    [
      [0, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ]
  }

  private static var kernel1: Matrix<Scalar> {
    [
      [0, 0, 0],
      [-1, 1, 0],
      [0, 0, 0],
    ]
  }

  private static var kernel2: Matrix<Scalar> {
    [
      [0, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
    ]
  }
}
