// The lecture's layers behind the interface of row L1; each one only keeps and hands over what the
// formulas of the other files take.

/// Convolution over channels, with any stride and padding. Rows L13, L14 and L16.
///
/// Parameters: the kernel `[G, F, k, l]`, then the bias `[G]`.
public final class LectureConvolution<Scalar: Numeric>: LectureLayer {
  public private(set) var w: Kernel<Scalar>
  public private(set) var b: Vector<Scalar>
  public private(set) var dw: Kernel<Scalar>
  public private(set) var db: Vector<Scalar>
  private let stride: Extent
  private let padding: Padding
  private var p: Volume<Scalar>?

  public init(
    _ w: Kernel<Scalar>, _ b: Vector<Scalar>, stride: Extent = 1, padding: Padding = 0
  ) {
    self.w = w
    self.b = b
    self.dw = Kernel(zerosLike: w)
    self.db = Vector(zerosLike: b)
    self.stride = stride
    self.padding = padding
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return convolution(p, w, b, stride: stride, padding: padding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = kept(p, by: self)
    dw = convolutionBackwardKernel(
      dq, p, size: Extent(w.rows, w.columns), stride: stride, padding: padding)
    db = convolution2DBackwardBias(dq)
    return convolutionBackwardInput(
      dq, w, stride: stride, padding: padding, extent: Extent(p.rows, p.columns))
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

  public var piece: [Int] { kept(p, by: self).elements.map { $0 > 0 ? 1 : 0 } }
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

  public var piece: [Int] { maxPoolingChoices(kept(p, by: self), window) }
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

  public var piece: [Int] {
    let p = kept(p, by: self)
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

/// A layer without parameters, made of the two formulas of another file.
///
///     LectureFunction(forward: gelu, backward: geluBackward)
public final class LectureFunction<Scalar: Numeric>: LectureLayer {
  private let function: (_ p: Volume<Scalar>) -> Volume<Scalar>
  private let derivative: (_ dq: Volume<Scalar>, _ p: Volume<Scalar>) -> Volume<Scalar>
  private let pieceOf: (_ p: Volume<Scalar>) -> [Int]
  private var p: Volume<Scalar>?

  /// - Parameters:
  ///   - backward: `dp` from `dq` and the input `p` of the forward pass.
  ///   - piece: see ``LectureLayer/piece``; nothing for a smooth function.
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
    derivative(dq, kept(p, by: self))
  }

  public var piece: [Int] { pieceOf(kept(p, by: self)) }
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
