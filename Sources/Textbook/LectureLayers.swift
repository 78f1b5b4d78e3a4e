// The lecture's layers behind the interface of row L1; each one only keeps and hands over what the
// formulas of the other files take.

/// Convolution over channels. Row L13.
///
/// Parameters: the kernel `[G, F, k, k]`, then the bias `[G]`.
public final class LectureConvolution<Scalar: Numeric>: LectureLayer {
  public private(set) var w: Kernel<Scalar>
  public private(set) var b: Vector<Scalar>
  public private(set) var dw: Kernel<Scalar>
  public private(set) var db: Vector<Scalar>
  private let padding: Int
  private var p: Volume<Scalar>?

  public init(_ w: Kernel<Scalar>, _ b: Vector<Scalar>, padding: Int = 0) {
    self.w = w
    self.b = b
    self.dw = Kernel(zerosLike: w)
    self.db = Vector(zerosLike: b)
    self.padding = padding
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return convolution2D(p, w, b, padding: padding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    dw = convolution2DBackwardKernel(dq, kept(p, by: self), padding: padding)
    db = convolution2DBackwardBias(dq)
    return convolution2DBackwardInput(dq, w, padding: padding)
  }

  public var parameters: Vector<Scalar> {
    get { Vector(w.elements + b.elements) }
    set {
      w = Kernel(shape: w.shape, elements: Array(newValue.elements.prefix(w.elements.count)))
      b = Vector(
        shape: b.shape, elements: Array(newValue.elements.dropFirst(w.elements.count)))
    }
  }

  public var parameterGradients: Vector<Scalar> { Vector(dw.elements + db.elements) }
}

/// The hinge. Row L7.
public final class LectureReLU<Scalar: Numeric & Comparable>: LectureLayer {
  private var p: Volume<Scalar>?

  public init() {}

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return relu(p)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    reluBackward(dq, kept(p, by: self))
  }
}

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
    maxPooling2DBackward(dq, kept(p, by: self), window)
  }
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
    globalMaxPoolingBackward(Vector(dq.elements), kept(p, by: self))
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
    globalAveragePoolingBackward(Vector(dq.elements), kept(p, by: self))
  }
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
    geluBackward(dq, kept(p, by: self))
  }
}

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
    let p = kept(p, by: self)
    let dq = Vector(dq.elements)
    dW = fullyConnectedBackwardWeight(dq, Vector(p.elements))
    db = dq
    return Volume(shape: p.shape, elements: fullyConnectedBackwardInput(dq, weights).elements)
  }

  public var parameters: Vector<Scalar> {
    get { Vector(weights.elements + b.elements) }
    set {
      weights = Matrix(
        shape: weights.shape, elements: Array(newValue.elements.prefix(weights.elements.count)))
      b = Vector(
        shape: b.shape, elements: Array(newValue.elements.dropFirst(weights.elements.count)))
    }
  }

  public var parameterGradients: Vector<Scalar> { Vector(dW.elements + db.elements) }
}

/// A vector as slices of 1×1.
private func column<Scalar>(_ x: Vector<Scalar>) -> Volume<Scalar> {
  Volume(shape: [x.count, 1, 1], elements: x.elements)
}

/// The input that the forward pass kept.
private func kept<Scalar>(_ p: Volume<Scalar>?, by layer: AnyObject) -> Volume<Scalar> {
  guard let p else { preconditionFailure("\(type(of: layer)): backward before forward") }
  return p
}
