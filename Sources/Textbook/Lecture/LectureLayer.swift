/// The interface of a layer `q = f(p, θ)`. Row L1.
///
/// The forward pass saves the values that the backward pass needs. The backward pass takes `dq`, the gradient
/// of the loss with respect to the layer's output. It stores `dθ`, the gradient with respect to the parameters,
/// and returns `dp`, the gradient with respect to the input. Layers form a network if each output has the shape
/// of the next layer's input. A vector of `n` elements is a volume of `n` channels of 1×1.
public protocol LectureLayer<Scalar>: AnyObject {
  associatedtype Scalar: Numeric

  /// `q = f(p, θ)`. The layer saves `p`.
  func forward(_ p: Volume<Scalar>) -> Volume<Scalar>

  /// `dp = g(dq, θ)` for the last forward pass. The layer stores `dθ = h(dq, p)`.
  func backward(_ dq: Volume<Scalar>) -> Volume<Scalar>

  /// `θ`, flattened. A new value must have the same number of elements.
  var parameters: Vector<Scalar> { get set }

  /// `dθ` of the last backward pass, in the order of ``parameters``.
  var parameterGradients: Vector<Scalar> { get }

  /// The smooth piece of a function with kinks that the last input lies on: the signs of ReLU's inputs, or the
  /// indices of the maxima. A finite difference is valid only if all its inputs lie on one piece.
  var piece: [Int] { get }
}

extension LectureLayer {
  /// No parameters, the case of most layers.
  public var parameters: Vector<Scalar> {
    get { [] }
    set { precondition(newValue.count == 0, "\(Self.self): it has no parameters") }
  }

  public var parameterGradients: Vector<Scalar> { [] }

  /// No kinks, the case of smooth functions.
  public var piece: [Int] { [] }
}

/// Backpropagation through a list of layers. Row L2.
///
/// The forward passes run in order. The loss gives its gradient with respect to the last output. The backward
/// passes run in reverse order and leave the gradients of the parameters in the layers.
///
/// - `loss`: the loss and its gradient with respect to the last layer's output.
/// - Returns: the loss and its gradient with respect to `x`.
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

/// The softmax cross-entropy with the class `y`, as the loss of ``backpropagate(_:_:loss:)``.
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

/// A vector as a volume of slices of 1×1.
func column<Scalar>(_ x: Vector<Scalar>) -> Volume<Scalar> {
  Volume(shape: [x.count, 1, 1], elements: x.elements)
}

/// The input that the forward pass saved.
func saved<Scalar>(_ p: Volume<Scalar>?, by layer: AnyObject) -> Volume<Scalar> {
  guard let p else { preconditionFailure("\(type(of: layer)): backward before forward") }
  return p
}
