// A residual block `q = p + f(p)` (He et al. 2016, "Deep residual learning", eq. 1), as the two ends that
// enclose the layers of `f` in a list of layers. The derivative of the sum by both terms is one, so
//
//     dp = dq + (∂f/∂p)ᵀ·dq

/// The beginning of a block: hands `p` to `f` and keeps it for the end.
public final class LectureBranch<Scalar: Numeric>: LectureBatchLayer {
  /// The input of the last forward pass.
  fileprivate var p: [Volume<Scalar>] = []
  /// `dq` of the block, from its end.
  fileprivate var dq: [Volume<Scalar>] = []

  public init() {}

  public func forward(_ p: [Volume<Scalar>]) -> [Volume<Scalar>] {
    self.p = p
    return p
  }

  /// - Parameter df: what comes back from `f`, `(∂f/∂p)ᵀ·dq`.
  public func backward(_ df: [Volume<Scalar>]) -> [Volume<Scalar>] {
    zip(df, dq).map { $0 + $1 }
  }
}

/// The end of a block: adds what its branch kept to the output of `f`.
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
