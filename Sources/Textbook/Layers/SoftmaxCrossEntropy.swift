// The softmax cross-entropy, the loss of a classifier, and its gradient. `s`, `[C]`, are the scores (logits)
// of `C` classes, and `y` is the true class, `0 ..< C`.

/// `ln Σ_j e^{s_j}`, computed as the equal `m + ln Σ_j e^{s_j − m}` with `m = max s`. No exponential overflows.
public func logSumExp<Scalar: Real>(_ s: Vector<Scalar>) -> Scalar {
  let m = globalMaxPooling(s)
  return m + .log(sum(s.map { .exp($0 - m) }))
}

/// `softmax(s)_j = e^{s_j} / Σ_i e^{s_i}`, `[C]`, computed as the equal `e^{s_j − m} / Σ_i e^{s_i − m}` with
/// `m = max s`.
public func softmax<Scalar: Real>(_ s: Vector<Scalar>) -> Vector<Scalar> {
  let m = globalMaxPooling(s)
  let powers = s.map { Scalar.exp($0 - m) }
  return powers.map { $0 / sum(powers) }
}

/// `L = −ln softmax(s)_y = logSumExp(s) − s_y`, the negative log-likelihood of the class `y`.
public func softmaxCrossEntropy<Scalar: Real>(_ s: Vector<Scalar>, _ y: Int) -> Scalar {
  logSumExp(s) - s[y]
}

/// `ds = softmax(s) − onehot^C(y)`, `[C]`.
public func softmaxCrossEntropyGradient<Scalar: Real>(
  _ s: Vector<Scalar>, _ y: Int
) -> Vector<Scalar> {
  softmax(s) - onehot(s.count, y)
}

/// `L = logSumExp(s) − Σ_j t_j·s_j` for a distribution `t`, `[C]`, over the classes, for instance a smoothed
/// label. `Σ t = 1`.
public func softmaxCrossEntropy<Scalar: Real>(
  _ s: Vector<Scalar>, target t: Vector<Scalar>
) -> Scalar {
  logSumExp(s) - dot(t, s)
}

/// `ds = softmax(s) − t`, `[C]`.
public func softmaxCrossEntropyGradient<Scalar: Real>(
  _ s: Vector<Scalar>, target t: Vector<Scalar>
) -> Vector<Scalar> {
  softmax(s) - t
}

/// `t = (1 − ε)·onehot^C(y) + ε/C`, `[C]`: the label `y`, smoothed. `Σ t = 1`.
public func smoothedLabel<Scalar: BinaryFloatingPoint>(
  _ classes: Int, _ y: Int, smoothing epsilon: Scalar
) -> Vector<Scalar> {
  (1 - epsilon) * onehot(classes, y) + Vector(count: classes) { _ in epsilon / Scalar(classes) }
}
