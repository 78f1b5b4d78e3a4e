// Group normalization (Wu and He 2018, "Group normalization", section 3): the channels of an example
// are dealt to groups of neighbors, and each group is brought to mean 0 and variance 1.

/// `q^(f) = γ_f·(p^(f) − µ_g)/√(σ²_g + ε) + β_f`, where `g` is the group of the channel `f`, and `µ_g` and
/// `σ²_g` are the mean and the biased variance of the group's channels and pixels.
public func groupNormalization<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, groups: Int, scale gamma: Vector<Scalar>, shift beta: Vector<Scalar>,
  epsilon: Scalar
) -> Volume<Scalar> {
  let normal = groupNormalized(p, groups: groups, epsilon: epsilon).normal
  return Volume(channels: p.channels) { f in normal[f].map { gamma[f] * $0 + beta[f] } }
}

/// The backward pass, by the chain rule through `p̂`, with `m` values in a group and sums over the group
/// in `dp`, over the pixels of the channel in `dγ` and `dβ`:
///
///     dγ_f = Σ dq^(f) ⊙ p̂^(f)        dβ_f = Σ dq^(f)        dp̂^(f) = γ_f·dq^(f)
///     dp^(f) = (dp̂^(f) − (1/m)·Σ dp̂ − p̂^(f)·(1/m)·Σ dp̂ ⊙ p̂) / √(σ²_g + ε)
public func groupNormalizationBackward<Scalar: BinaryFloatingPoint>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, groups: Int, scale gamma: Vector<Scalar>,
  epsilon: Scalar
) -> (dp: Volume<Scalar>, dgamma: Vector<Scalar>, dbeta: Vector<Scalar>) {
  let (normal, deviations) = groupNormalized(p, groups: groups, epsilon: epsilon)
  let width = p.channels / groups
  let m = Scalar(width * p.rows * p.columns)
  let dnormal = Volume(channels: p.channels) { f in gamma[f] * dq[f] }
  let dp = Volume(channels: p.channels) { f in
    let group = f / width * width..<(f / width + 1) * width
    let mean = group.reduce(0) { $0 + sum(dnormal[$1]) } / m
    let slope = group.reduce(0) { $0 + dot(dnormal[$1], normal[$1]) } / m
    return Matrix(rows: p.rows, columns: p.columns) { i, j in
      (dnormal[f, i, j] - mean - normal[f, i, j] * slope) / deviations[f / width]
    }
  }
  return (
    dp, Vector(count: p.channels) { f in dot(dq[f], normal[f]) },
    Vector(count: p.channels) { f in sum(dq[f]) }
  )
}

/// `p̂` and `√(σ² + ε)` of each group.
private func groupNormalized<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, groups: Int, epsilon: Scalar
) -> (normal: Volume<Scalar>, deviations: [Scalar]) {
  precondition(
    p.channels % groups == 0, "groupNormalization: \(p.channels) channels in \(groups) groups")
  let width = p.channels / groups
  let m = Scalar(width * p.rows * p.columns)
  var means: [Scalar] = []
  var deviations: [Scalar] = []
  for group in 0..<groups {
    let channels = group * width..<(group + 1) * width
    let mean = channels.reduce(0) { $0 + sum(p[$1]) } / m
    let squares = channels.reduce(0) { $0 + sum(p[$1].map { ($0 - mean) * ($0 - mean) }) }
    means.append(mean)
    deviations.append((squares / m + epsilon).squareRoot())
  }
  let normal = Volume(channels: p.channels) { f in
    p[f].map { ($0 - means[f / width]) / deviations[f / width] }
  }
  return (normal, deviations)
}

/// Group normalization. Parameters: the scale `γ`, then the shift `β`, `[channels]` each.
public final class LectureGroupNormalization<Scalar: BinaryFloatingPoint>: LectureLayer {
  private let groups: Int
  private let epsilon: Scalar
  private var gamma: Vector<Scalar>
  private var beta: Vector<Scalar>
  private var p: Volume<Scalar>?
  public private(set) var parameterGradients: Vector<Scalar>

  public init(groups: Int, scale gamma: Vector<Scalar>, shift beta: Vector<Scalar>, epsilon: Scalar)
  {
    self.groups = groups
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
    parameterGradients = Vector(zeros: 2 * gamma.count)
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return groupNormalization(p, groups: groups, scale: gamma, shift: beta, epsilon: epsilon)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = saved(p, by: self)
    let (dp, dgamma, dbeta) = groupNormalizationBackward(
      dq, p, groups: groups, scale: gamma, epsilon: epsilon)
    parameterGradients = flattened(dgamma, dbeta)
    return dp
  }

  public var parameters: Vector<Scalar> {
    get { flattened(gamma, beta) }
    set { (gamma, beta) = parts(of: newValue, like: gamma, beta) }
  }
}
