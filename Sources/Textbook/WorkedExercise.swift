/// The lecture's worked exercise, with every tensor on the way. Row L12.
///
/// A 4×4 image with `x₂₂ = x₃₃ = 1`; two 3×3 kernels without padding and bias, the first with
/// −1 at (2, 1) and 1 at (2, 2), the second with −1 at (3, 2) and 1 at (2, 2); the hinge; the global
/// maximum; a fully connected layer `W = I₂` without bias; softmax and the negative log-likelihood
/// of class `y = 2`. (Places and classes are counted from 1, as on the slide.)
///
///     f = w ⋆ x    r = max(0, f)    h = max r    s = W·h    L = −ln softmax(s)_y
///
/// The maximum of both channels is reached twice; the first place counts.
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
  /// After the hinge, `[2, 2, 2]`.
  public let r: Volume<Scalar>
  /// After global max pooling, `[2]`.
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
  /// `∂L/∂w1` and `∂L/∂w2`, the exercise's answer, `[2, 1, 3, 3]`.
  public let dw: Kernel<Scalar>
  public let dx: Volume<Scalar>

  /// Works the exercise: the forward pass downwards, then the backward pass.
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

  /// The same network as a list of layers, to be run by ``backpropagate(_:_:loss:)``.
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
