/// The interface of a layer that maps a mini-batch, whose examples may depend on each other. Rows L1 and L4.
///
/// The gradients are those of the mini-batch's loss. If this loss is the mean over `N` examples, every `dq`
/// contains the factor `1/N`, and `dθ` is the plain sum over the examples, the lecture's `G·P`.
public protocol LectureBatchLayer<Scalar>: AnyObject {
  associatedtype Scalar: Numeric

  /// `q = f(p, θ)` for every example. The layer saves `p`.
  func forward(_ p: [Volume<Scalar>]) -> [Volume<Scalar>]

  /// `dp = g(dq, θ)` for every example of the last forward pass. The layer stores `dθ`.
  func backward(_ dq: [Volume<Scalar>]) -> [Volume<Scalar>]

  /// `θ`, flattened. A new value must have the same number of elements.
  var parameters: Vector<Scalar> { get set }

  /// `dθ` of the last backward pass, in the order of ``parameters``.
  var parameterGradients: Vector<Scalar> { get }

  /// ``LectureLayer/piece`` of all examples.
  var piece: [Int] { get }
}

extension LectureBatchLayer {
  /// No parameters, the case of most layers.
  public var parameters: Vector<Scalar> {
    get { [] }
    set { precondition(newValue.count == 0, "\(Self.self): it has no parameters") }
  }

  public var parameterGradients: Vector<Scalar> { [] }

  /// No kinks, the case of smooth functions.
  public var piece: [Int] { [] }
}

/// A ``LectureLayer``, applied to each example of a mini-batch. Row L4.
public final class LectureEach<Scalar: Numeric>: LectureBatchLayer {
  private let layer: any LectureLayer<Scalar>
  private var p: [Volume<Scalar>] = []
  public private(set) var parameterGradients: Vector<Scalar>
  public private(set) var piece: [Int] = []

  public init(_ layer: any LectureLayer<Scalar>) {
    self.layer = layer
    parameterGradients = Vector(zerosLike: layer.parameters)
  }

  public func forward(_ p: [Volume<Scalar>]) -> [Volume<Scalar>] {
    self.p = p
    piece = []
    return p.map { example in
      let q = layer.forward(example)
      piece += layer.piece
      return q
    }
  }

  /// Repeats each example's forward pass before its backward pass, because the layer saves one input only.
  public func backward(_ dq: [Volume<Scalar>]) -> [Volume<Scalar>] {
    precondition(dq.count == p.count, "LectureEach: \(dq.count) gradients of \(p.count) examples")
    parameterGradients = Vector(zerosLike: layer.parameters)
    return p.indices.map { n in
      _ = layer.forward(p[n])
      let dp = layer.backward(dq[n])
      parameterGradients += layer.parameterGradients
      return dp
    }
  }

  public var parameters: Vector<Scalar> {
    get { layer.parameters }
    set { layer.parameters = newValue }
  }
}

/// Batch normalization with the statistics of the mini-batch itself.
///
/// Parameters: `γ`, then `β`, both `[channels]`.
public final class LectureBatchNormalization<Scalar: BinaryFloatingPoint>: LectureBatchLayer {
  public private(set) var gamma: Vector<Scalar>
  public private(set) var beta: Vector<Scalar>
  private let epsilon: Scalar
  private var p: [Volume<Scalar>] = []
  public private(set) var parameterGradients: Vector<Scalar>

  public init(scale gamma: Vector<Scalar>, shift beta: Vector<Scalar>, epsilon: Scalar) {
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
    parameterGradients = Vector(zeros: gamma.count + beta.count)
  }

  public func forward(_ p: [Volume<Scalar>]) -> [Volume<Scalar>] {
    self.p = p
    return batchNormalization(p, scale: gamma, shift: beta, epsilon: epsilon)
  }

  public func backward(_ dq: [Volume<Scalar>]) -> [Volume<Scalar>] {
    let (dp, dgamma, dbeta) = batchNormalizationBackward(dq, p, scale: gamma, epsilon: epsilon)
    parameterGradients = flattened(dgamma, dbeta)
    return dp
  }

  public var parameters: Vector<Scalar> {
    get { flattened(gamma, beta) }
    set { (gamma, beta) = parts(of: newValue, like: gamma, beta) }
  }
}
