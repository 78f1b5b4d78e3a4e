/// ReLU. Row L7.
public final class LectureReLU<Scalar: Numeric & Comparable>: LectureLayer {
  private var p: Volume<Scalar>?

  public init() {}

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return relu(p)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    reluBackward(dq, saved(p, by: self))
  }

  public var piece: [Int] { saved(p, by: self).elements.map { $0 > 0 ? 1 : 0 } }
}

/// The Gaussian error linear unit.
public final class LectureGELU<Scalar: Real>: LectureLayer {
  private var p: Volume<Scalar>?

  public init() {}

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return gelu(p)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    geluBackward(dq, saved(p, by: self))
  }
}
