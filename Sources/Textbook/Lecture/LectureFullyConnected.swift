/// A fully connected layer over all elements of its input. Row L3.
///
/// Parameters: the weights `W` `[C, D]`, row by row, then the bias `[C]`.
public final class LectureFullyConnected<Scalar: Numeric>: LectureLayer {
  public private(set) var weights: Matrix<Scalar>
  public private(set) var b: Vector<Scalar>
  public private(set) var dW: Matrix<Scalar>
  public private(set) var db: Vector<Scalar>
  private var p: Volume<Scalar>?

  public init(_ weights: Matrix<Scalar>, _ b: Vector<Scalar>) {
    self.weights = weights
    self.b = b
    self.dW = Matrix(zerosLike: weights)
    self.db = Vector(zerosLike: b)
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return column(fullyConnected(Vector(p.elements), weights, b))
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = saved(p, by: self)
    let dq = Vector(dq.elements)
    dW = fullyConnectedBackwardWeight(dq, Vector(p.elements))
    db = dq
    return Volume(shape: p.shape, elements: fullyConnectedBackwardInput(dq, weights).elements)
  }

  public var parameters: Vector<Scalar> {
    get { flattened(weights, b) }
    set { (weights, b) = parts(of: newValue, like: weights, b) }
  }

  public var parameterGradients: Vector<Scalar> { flattened(dW, db) }
}
