// Convolution in groups (Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural
// networks", section 3.5; Xie et al. 2017, "Aggregated residual transformations for deep neural networks",
// section 3.3). Inputs and outputs are divided into m groups of neighbors, and each group is a convolution of
// its own:
//
//     p  [F, H, W]    w  [G, F/m, k, l]    b  [G]    q  [G, h, w]
//
//     q^(g) = b_g + Σ_f w^(g,f) ⋆ pad(p^(F/m·⌊g·m/G⌋ + f))        f < F/m
//
// In group j, p_j, w_j, b_j and q_j are its F/m inputs and its G/m filters, biases and outputs.

/// `q_j = b_j + w_j ⋆ pad(p_j)` for every group, one after the other, of every `s`-th output.
public func groupedConvolution<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>, groups: Int, stride s: Extent = 1,
  padding: Padding = 0
) -> Volume<Scalar> {
  precondition(
    p.channels == groups * w.inputs && w.outputs % groups == 0,
    "groupedConvolution: input \(p.shape), kernel \(w.shape), \(groups) groups")
  return joined(
    (0..<groups).map { j in
      convolution(
        part(p, j, of: groups), part(w, j, of: groups), part(b, j, of: groups), stride: s,
        padding: padding)
    })
}

/// `dp_j` and `dw_j` of each group's convolution, and `db_g = Σ dq^(g)`.
public func groupedConvolutionBackward<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, _ w: Kernel<Scalar>, groups: Int,
  stride s: Extent = 1, padding: Padding = 0
) -> (dp: Volume<Scalar>, dw: Kernel<Scalar>, db: Vector<Scalar>) {
  let dp = joined(
    (0..<groups).map { j in
      convolutionBackwardInput(
        part(dq, j, of: groups), part(w, j, of: groups), stride: s, padding: padding,
        extent: Extent(p.rows, p.columns))
    })
  let dw = (0..<groups).flatMap { j in
    convolutionBackwardKernel(
      part(dq, j, of: groups), part(p, j, of: groups), size: Extent(w.rows, w.columns), stride: s,
      padding: padding
    ).elements
  }
  return (
    dp, Kernel(shape: w.shape, elements: dw), Vector(count: dq.channels) { g in sum(dq[g]) }
  )
}

/// Group `j` of an image's channels.
private func part<Scalar>(_ p: Volume<Scalar>, _ j: Int, of groups: Int) -> Volume<Scalar> {
  let count = p.channels / groups
  return Volume(channels: count) { f in p[j * count + f] }
}

/// The filters of group `j`.
private func part<Scalar>(_ w: Kernel<Scalar>, _ j: Int, of groups: Int) -> Kernel<Scalar> {
  let count = w.outputs / groups
  return Kernel(outputs: count, inputs: w.inputs) { g, f in w[j * count + g, f] }
}

/// The biases of group `j`.
private func part<Scalar>(_ b: Vector<Scalar>, _ j: Int, of groups: Int) -> Vector<Scalar> {
  let count = b.count / groups
  return Vector(count: count) { g in b[j * count + g] }
}

/// The channels of all volumes, one after the other.
private func joined<Scalar>(_ volumes: [Volume<Scalar>]) -> Volume<Scalar> {
  let count = volumes[0].channels
  return Volume(channels: count * volumes.count) { f in volumes[f / count][f % count] }
}

/// Convolution in groups. Parameters: the kernel `[G, F/m, k, l]`, then the bias `[G]`.
public final class LectureGroupedConvolution<Scalar: Numeric>: LectureLayer {
  private var w: Kernel<Scalar>
  private var b: Vector<Scalar>
  private let groups: Int
  private let stride: Extent
  private let padding: Padding
  private var p: Volume<Scalar>?
  public private(set) var parameterGradients: Vector<Scalar>

  public init(
    _ w: Kernel<Scalar>, _ b: Vector<Scalar>, groups: Int, stride: Extent = 1, padding: Padding = 0
  ) {
    self.w = w
    self.b = b
    self.groups = groups
    self.stride = stride
    self.padding = padding
    parameterGradients = Vector(zeros: w.elements.count + b.count)
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return groupedConvolution(p, w, b, groups: groups, stride: stride, padding: padding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = saved(p, by: self)
    let (dp, dw, db) = groupedConvolutionBackward(
      dq, p, w, groups: groups, stride: stride, padding: padding)
    parameterGradients = flattened(dw, db)
    return dp
  }

  public var parameters: Vector<Scalar> {
    get { flattened(w, b) }
    set { (w, b) = parts(of: newValue, like: w, b) }
  }
}
