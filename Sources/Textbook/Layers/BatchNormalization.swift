// Batch normalization (Ioffe and Szegedy 2015, "Batch normalization", algorithm 1 and section 3).
//
// The layer normalizes each channel of a mini-batch to mean 0 and variance 1, then scales and shifts it. In
// no other layer do the examples of a mini-batch depend on each other. The lecture has no row for it.

/// The mean and the variance of each channel of a mini-batch, `[channels]`.
public struct BatchStatistics<Scalar: BinaryFloatingPoint>: Equatable {
  /// `µ_f = (1/m)·Σ p^(f)`, over the examples and their pixels.
  public let mean: Vector<Scalar>
  /// `σ²_f = (1/m)·Σ (p^(f) − µ_f)²`, the biased variance.
  public let variance: Vector<Scalar>
  /// `m`, the number of values of a channel.
  public let count: Int

  /// The statistics of a mini-batch of volumes of one shape.
  public init(of batch: [Volume<Scalar>]) {
    precondition(!batch.isEmpty, "BatchStatistics: no examples")
    let count = batch.count * batch[0].rows * batch[0].columns
    let mean = Vector(count: batch[0].channels) { f in
      batch.reduce(0) { $0 + sum($1[f]) } / Scalar(count)
    }
    self.mean = mean
    self.count = count
    variance = Vector(count: batch[0].channels) { f in
      batch.reduce(0) { total, p in
        total + sum(p[f].map { ($0 - mean[f]) * ($0 - mean[f]) })
      } / Scalar(count)
    }
  }

  /// The statistics with the given values, for instance running averages.
  public init(mean: Vector<Scalar>, variance: Vector<Scalar>, count: Int) {
    self.mean = mean
    self.variance = variance
    self.count = count
  }

  /// The running averages `r` after one more mini-batch, `(1 − momentum)·r + momentum·statistics`.
  ///
  /// As in PyTorch, they use the unbiased variance of the mini-batch, `m/(m − 1)·σ²`.
  public func followed(by statistics: BatchStatistics, momentum: Scalar) -> BatchStatistics {
    let unbiased = Scalar(statistics.count) / Scalar(statistics.count - 1)
    return BatchStatistics(
      mean: (1 - momentum) * mean + momentum * statistics.mean,
      variance: (1 - momentum) * variance + momentum * unbiased * statistics.variance,
      count: statistics.count)
  }
}

/// `p̂^(f) = (p^(f) − µ_f) / √(σ²_f + ε)`, `[channels, rows, columns]`.
public func normalized<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, by statistics: BatchStatistics<Scalar>, epsilon: Scalar
) -> Volume<Scalar> {
  Volume(channels: p.channels) { f in
    let std = (statistics.variance[f] + epsilon).squareRoot()
    return p[f].map { ($0 - statistics.mean[f]) / std }
  }
}

/// `q^(f) = γ_f·p̂^(f) + β_f` with the statistics of the mini-batch itself: the forward pass in training.
public func batchNormalization<Scalar: BinaryFloatingPoint>(
  _ batch: [Volume<Scalar>], scale gamma: Vector<Scalar>, shift beta: Vector<Scalar>,
  epsilon: Scalar
) -> [Volume<Scalar>] {
  let statistics = BatchStatistics(of: batch)
  return batch.map {
    batchNormalization($0, by: statistics, scale: gamma, shift: beta, epsilon: epsilon)
  }
}

/// `q^(f) = γ_f·p̂^(f) + β_f` with given statistics: the forward pass in evaluation.
public func batchNormalization<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, by statistics: BatchStatistics<Scalar>, scale gamma: Vector<Scalar>,
  shift beta: Vector<Scalar>, epsilon: Scalar
) -> Volume<Scalar> {
  let normal = normalized(p, by: statistics, epsilon: epsilon)
  return Volume(channels: p.channels) { f in normal[f].map { gamma[f] * $0 + beta[f] } }
}

/// The backward pass in training, by the chain rule through `p̂`, `σ²` and `µ` (section 3 of the paper).
///
///     dγ_f = Σ dq^(f) ⊙ p̂^(f)        dβ_f = Σ dq^(f)        dp̂^(f) = γ_f·dq^(f)
///     dσ²_f = Σ dp̂^(f) ⊙ (p^(f) − µ_f) · (−½)·(σ²_f + ε)^(−3/2)
///     dµ_f = Σ dp̂^(f) · (−1)/√(σ²_f + ε) + dσ²_f · Σ −2·(p^(f) − µ_f)/m
///     dp^(f) = dp̂^(f)/√(σ²_f + ε) + dσ²_f·2·(p^(f) − µ_f)/m + dµ_f/m
///
/// The sums are over all examples and their pixels.
public func batchNormalizationBackward<Scalar: BinaryFloatingPoint>(
  _ dq: [Volume<Scalar>], _ p: [Volume<Scalar>], scale gamma: Vector<Scalar>, epsilon: Scalar
) -> (dp: [Volume<Scalar>], dgamma: Vector<Scalar>, dbeta: Vector<Scalar>) {
  precondition(dq.count == p.count, "batchNormalization: \(dq.count) gradients of \(p.count)")
  let statistics = BatchStatistics(of: p)
  let m = Scalar(statistics.count)
  let channels = statistics.mean.count
  var dp = p.map { Volume(zerosLike: $0) }
  var dgamma = Vector<Scalar>(zeros: channels)
  var dbeta = Vector<Scalar>(zeros: channels)
  for f in 0..<channels {
    let std = (statistics.variance[f] + epsilon).squareRoot()
    let centered = p.map { p in p[f].map { $0 - statistics.mean[f] } }
    let dnormal = dq.map { gamma[f] * $0[f] }
    dgamma[f] = zip(dq, centered).reduce(0) { $0 + dot($1.0[f], $1.1) / std }
    dbeta[f] = dq.reduce(0) { $0 + sum($1[f]) }
    let dvariance =
      zip(dnormal, centered).reduce(0) { $0 + dot($1.0, $1.1) }
      * (-1 / 2) / (std * std * std)
    let dmean =
      -dnormal.reduce(0) { $0 + sum($1) } / std
      + dvariance * centered.reduce(0) { $0 + sum($1) } * -2 / m
    for n in p.indices {
      for i in 0..<p[n].rows {
        for j in 0..<p[n].columns {
          dp[n][f, i, j] =
            dnormal[n][i, j] / std + dvariance * 2 * centered[n][i, j] / m + dmean / m
        }
      }
    }
  }
  return (dp, dgamma, dbeta)
}
