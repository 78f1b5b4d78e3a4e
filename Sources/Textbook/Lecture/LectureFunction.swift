/// A layer without parameters, given by the formulas of its forward and backward passes.
///
///     LectureFunction(forward: gelu, backward: geluBackward)
public final class LectureFunction<Scalar: Numeric>: LectureLayer {
  private let function: (_ p: Volume<Scalar>) -> Volume<Scalar>
  private let derivative: (_ dq: Volume<Scalar>, _ p: Volume<Scalar>) -> Volume<Scalar>
  private let pieceOf: (_ p: Volume<Scalar>) -> [Int]
  private var p: Volume<Scalar>?

  /// - `backward`: `dp`, given `dq` and the input `p` of the forward pass.
  /// - `piece`: the layer's ``LectureLayer/piece``, empty for a smooth function.
  public init(
    forward: @escaping (_ p: Volume<Scalar>) -> Volume<Scalar>,
    backward: @escaping (_ dq: Volume<Scalar>, _ p: Volume<Scalar>) -> Volume<Scalar>,
    piece: @escaping (_ p: Volume<Scalar>) -> [Int] = { _ in [] }
  ) {
    function = forward
    derivative = backward
    pieceOf = piece
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return function(p)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    derivative(dq, saved(p, by: self))
  }

  public var piece: [Int] { pieceOf(saved(p, by: self)) }
}
