/// Max pooling by windows. Row L9.
public final class LectureMaxPooling<Scalar: Numeric & Comparable>: LectureLayer {
  private let window: PoolingWindow
  private var p: Volume<Scalar>?

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return maxPooling2D(p, window)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    maxPooling2DBackward(dq, saved(p, by: self), window)
  }

  public var piece: [Int] { maxPoolingChoices(saved(p, by: self), window) }
}

/// Global max pooling. Row L8.
public final class LectureGlobalMaxPooling<Scalar: Numeric & Comparable>: LectureLayer {
  private var p: Volume<Scalar>?

  public init() {}

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return column(globalMaxPooling(p))
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    globalMaxPoolingBackward(Vector(dq.elements), saved(p, by: self))
  }

  public var piece: [Int] {
    let p = saved(p, by: self)
    return (0..<p.channels).map { f in argmax(vec(p[f])) }
  }
}

/// Global average pooling.
public final class LectureGlobalAveragePooling<Scalar: BinaryFloatingPoint>: LectureLayer {
  private var p: Volume<Scalar>?

  public init() {}

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return column(globalAveragePooling(p))
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    globalAveragePoolingBackward(Vector(dq.elements), saved(p, by: self))
  }
}
