// A residual block (He et al. 2016, "Deep residual learning", eq. 1). The lecture has no row for it.
//
//     q = p + f(p)        dp = dq + (∂f/∂p)ᵀ·dq
//
// In a list of layers, a `LectureBranch` before the layers of `f` and a `LectureSum` after them form the block.

/// The beginning of a residual block. It passes `p` on and saves it for the end.
public final class LectureBranch<Scalar: Numeric>: LectureBatchLayer {
  /// The input of the last forward pass.
  fileprivate var p: [Volume<Scalar>] = []
  /// The block's `dq`, which the end of the block sets.
  fileprivate var dq: [Volume<Scalar>] = []

  public init() {}

  public func forward(_ p: [Volume<Scalar>]) -> [Volume<Scalar>] {
    self.p = p
    return p
  }

  /// `dp = dq + df`
  ///
  /// - Parameter df: the gradient `(∂f/∂p)ᵀ·dq` that the layers of `f` return.
  public func backward(_ df: [Volume<Scalar>]) -> [Volume<Scalar>] {
    zip(df, dq).map { $0 + $1 }
  }
}

/// The end of a residual block. It adds the saved `p` to the output of `f`.
public final class LectureSum<Scalar: Numeric>: LectureBatchLayer {
  private let branch: LectureBranch<Scalar>

  public init(of branch: LectureBranch<Scalar>) {
    self.branch = branch
  }

  public func forward(_ f: [Volume<Scalar>]) -> [Volume<Scalar>] {
    zip(f, branch.p).map { $0 + $1 }
  }

  public func backward(_ dq: [Volume<Scalar>]) -> [Volume<Scalar>] {
    branch.dq = dq
    return dq
  }
}
