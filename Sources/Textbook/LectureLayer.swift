/// The interface of a layer. Row L1.
///
/// The forward pass keeps what the backward pass needs; the backward pass takes the gradient of the
/// loss in the layer's output, stores that in its parameters and returns that in its input. Any
/// layers of this interface form a network if each one's output fits the next one's input. A vector
/// of `n` elements is a volume of `n` slices of 1×1.
public protocol LectureLayer<Scalar>: AnyObject {
  associatedtype Scalar: Numeric

  /// `q = f(p, θ)`; keeps `p`.
  func forward(_ p: Volume<Scalar>) -> Volume<Scalar>

  /// `dp = g(dq, θ)`; stores `dθ = h(dq, p)`. A forward pass must have gone before.
  func backward(_ dq: Volume<Scalar>) -> Volume<Scalar>

  /// `θ`, flattened; setting it takes as many numbers as there are.
  var parameters: Vector<Scalar> { get set }

  /// `dθ` of the last backward pass, in the order of ``parameters``.
  var parameterGradients: Vector<Scalar> { get }

  /// Which smooth piece of a function with kinks the last forward pass was on: where it hinged, which
  /// elements were the greatest. A finite difference holds while this stays the same.
  var piece: [Int] { get }
}

extension LectureLayer {
  /// No parameters, as most layers have it.
  public var parameters: Vector<Scalar> {
    get { [] }
    set { precondition(newValue.count == 0, "\(Self.self): it has no parameters") }
  }

  public var parameterGradients: Vector<Scalar> { [] }

  /// One piece, as smooth functions have it.
  public var piece: [Int] { [] }
}

/// Backpropagation through a list of layers. Row L2.
///
/// Forward in order, the loss and its gradient in the last output, and backward in reverse order;
/// every layer then holds the gradients of its parameters.
///
/// - Parameters:
///   - loss: the loss and its gradient, given the last layer's output.
/// - Returns: the loss and its gradient in `x`.
public func backpropagate<Scalar>(
  _ layers: [any LectureLayer<Scalar>], _ x: Volume<Scalar>,
  loss: (Volume<Scalar>) -> (value: Scalar, gradient: Volume<Scalar>)
) -> (loss: Scalar, inputGradient: Volume<Scalar>) {
  var q = x
  for layer in layers { q = layer.forward(q) }

  let (value, gradient) = loss(q)

  var dq = gradient
  for layer in layers.reversed() { dq = layer.backward(dq) }
  return (value, dq)
}

/// Softmax cross-entropy of the class `y` as the loss of ``backpropagate(_:_:loss:)``.
public func classificationLoss<Scalar: Real>(
  _ y: Int
) -> (Volume<Scalar>) -> (value: Scalar, gradient: Volume<Scalar>) {
  { q in
    let s = Vector(q.elements)
    return (
      softmaxCrossEntropy(s, y),
      Volume(shape: q.shape, elements: softmaxCrossEntropyGradient(s, y).elements)
    )
  }
}
