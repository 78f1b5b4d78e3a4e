import CKernels
import Testing

@testable import Tensors

/// Every kernel set gives exactly the bits of an optimizer's update that the kernel's definition says. An
/// element after the last one shows that no kernel writes beyond the end.
@Suite struct OptimizerKernelTests {
  private static let counts = KernelBitsTests.counts

  private func draw(_ count: Int, _ random: inout Random) -> [Float] {
    (0..<count).map { _ in 2 * random.uniform() - 1 }
  }

  /// `g + λ·w`, `µ·v + …` and `w − rate·…`, each rounded once.
  @Test(arguments: KernelSet.available)
  func everyTermOfAnSGDStepIsRoundedOnce(_ set: KernelSet) {
    let kernels = set.table!.pointee
    var random = Random(seed: 1, domain: .augmentation)
    for count in Self.counts {
      for (momentum, nesterov) in [(Float(0), false), (0.9, false), (0.9, true)] {
        let w = draw(count, &random)
        let g = draw(count, &random)
        let v = draw(count, &random)
        var settings = sgd(
          rate: 0.1, momentum: momentum, weight_decay: 0.3, nesterov: nesterov ? 1 : 0,
          keep: 1)
        var found = (w: w + [7], v: v + [8])
        if momentum == 0 {
          kernels.optimizer.sgd_step(&settings, &found.w, g, nil, count)
        } else {
          kernels.optimizer.sgd_step(&settings, &found.w, g, &found.v, count)
        }
        for i in 0..<count {
          var step = g[i].addingProduct(0.3, w[i])
          if momentum != 0 {
            let velocity = step.addingProduct(0.9, v[i])
            #expect(found.v[i] == velocity)
            step = nesterov ? step.addingProduct(0.9, velocity) : velocity
          }
          #expect(found.w[i] == w[i].addingProduct(-0.1, step))
        }
        #expect(found.w[count] == 7 && found.v[count] == 8, "beyond the end")
      }
    }
  }

  /// With decoupled decay, `keep·w` is rounded before the step.
  @Test(arguments: KernelSet.available)
  func decoupledDecayIsAFactor(_ set: KernelSet) {
    var random = Random(seed: 11, domain: .augmentation)
    for count in Self.counts {
      let (w, g) = (draw(count, &random), draw(count, &random))
      var found = w
      var settings = sgd(rate: 0.1, momentum: 0, weight_decay: 0, nesterov: 0, keep: 0.9)
      set.table!.pointee.optimizer.sgd_step(&settings, &found, g, nil, count)
      for i in 0..<count { #expect(found[i] == (0.9 * w[i]).addingProduct(-0.1, g[i])) }
    }
  }

  @Test(arguments: KernelSet.available)
  func adamRoundsInAFixedOrder(_ set: KernelSet) {
    var random = Random(seed: 12, domain: .augmentation)
    var settings = adam(
      rate: 0.1, keep: 0.9, weight_decay: 0.3, mean_share: 0.2, square_decay: 0.7,
      square_share: 0.3, correction: 1.7, epsilon: 1e-3)
    for count in Self.counts {
      let (w, g, m) = (draw(count, &random), draw(count, &random), draw(count, &random))
      let v = draw(count, &random).map { $0 * $0 }
      var found = (w: w + [7], m: m + [8], v: v + [9])
      set.table!.pointee.optimizer.adam_step(&settings, &found.w, g, &found.m, &found.v, count)
      for i in 0..<count {
        let gradient = g[i].addingProduct(0.3, w[i])
        let mean = m[i].addingProduct(0.2, gradient - m[i])
        let square = (0.3 * gradient * gradient).addingProduct(0.7, v[i])
        let step = mean / Float(1e-3).addingProduct(square.squareRoot(), 1.7)
        #expect(found.m[i] == mean && found.v[i] == square)
        #expect(found.w[i] == (0.9 * w[i]).addingProduct(-0.1, step))
      }
      #expect(found.w[count] == 7 && found.m[count] == 8 && found.v[count] == 9)
    }
  }

  @Test(arguments: KernelSet.available)
  func rmspropRoundsInAFixedOrder(_ set: KernelSet) {
    var random = Random(seed: 13, domain: .augmentation)
    for (count, hasMomentum) in Self.counts.flatMap({ [($0, false), ($0, true)] }) {
      var settings = rmsprop(
        rate: 0.1, weight_decay: 0.3, momentum: hasMomentum ? 0.9 : 0, square_decay: 0.7,
        square_share: 0.3, epsilon: 1e-3)
      let (w, g, v) = (draw(count, &random), draw(count, &random), draw(count, &random))
      let s = draw(count, &random).map { $0 * $0 }
      var found = (w: w + [7], s: s + [8], v: v + [9])
      let step = set.table!.pointee.optimizer.rmsprop_step
      if hasMomentum {
        step!(&settings, &found.w, g, &found.s, &found.v, count)
      } else {
        step!(&settings, &found.w, g, &found.s, nil, count)
      }
      for i in 0..<count {
        let gradient = g[i].addingProduct(0.3, w[i])
        let square = (0.3 * gradient * gradient).addingProduct(0.7, s[i])
        var step = gradient / (square.squareRoot() + 1e-3)
        if hasMomentum { step = step.addingProduct(0.9, v[i]) }
        #expect(found.s[i] == square && found.v[i] == (hasMomentum ? step : v[i]))
        #expect(found.w[i] == w[i].addingProduct(-0.1, step))
      }
      #expect(found.w[count] == 7 && found.s[count] == 8 && found.v[count] == 9)
    }
  }

  @Test(arguments: KernelSet.available)
  func lionRoundsInAFixedOrder(_ set: KernelSet) {
    var random = Random(seed: 14, domain: .augmentation)
    var settings = lion(
      rate: 0.1, keep: 0.9, sign_decay: 0.7, sign_share: 0.3, mean_decay: 0.6, mean_share: 0.4)
    for count in Self.counts {
      let w = draw(count, &random)
      let g = [0] + draw(count - 1, &random)
      let m = [0] + draw(count - 1, &random)
      var found = (w: w + [7], m: m + [8])
      set.table!.pointee.optimizer.lion_step(&settings, &found.w, g, &found.m, count)
      for i in 0..<count {
        let sum = (0.3 * g[i]).addingProduct(0.7, m[i])
        let sign: Float = sum > 0 ? 1 : sum < 0 ? -1 : 0
        #expect(found.w[i] == (0.9 * w[i]).addingProduct(-0.1, sign))
        #expect(found.m[i] == (0.4 * g[i]).addingProduct(0.6, m[i]))
      }
      #expect(found.w[count] == 7 && found.m[count] == 8)
    }
  }

  /// Without this, `v = µ·v` would stay at a subnormal number whose product rounds to itself.
  @Test(arguments: KernelSet.available)
  func stateThatOnlyDecaysBecomesZero(_ set: KernelSet) {
    let kernels = set.table!.pointee.optimizer
    let count = 19
    let smallest = Float.leastNormalMagnitude
    let zeros = [Float](repeating: 0, count: count)
    let start = (0..<count).map { $0 % 2 == 0 ? smallest : -smallest }
    var (w, v, m) = (zeros, start, start)

    var momentum = sgd(rate: 1, momentum: 0.9, weight_decay: 0, nesterov: 0, keep: 1)
    kernels.sgd_step(&momentum, &w, zeros, &v, count)
    #expect(v == zeros && w == zeros)

    var mean = adam(
      rate: 1, keep: 1, weight_decay: 0, mean_share: 0.1, square_decay: 0.9, square_share: 0.1,
      correction: 1, epsilon: 1e-8)
    v = start.map { abs($0) }
    kernels.adam_step(&mean, &w, zeros, &m, &v, count)
    #expect(m == zeros && v == zeros && w == zeros)

    var square = rmsprop(
      rate: 1, weight_decay: 0, momentum: 0.9, square_decay: 0.9, square_share: 0.1, epsilon: 1e-8)
    (v, m) = (start.map { abs($0) }, start)
    kernels.rmsprop_step(&square, &w, zeros, &v, &m, count)
    #expect(m == zeros && v == zeros && w == zeros)

    // The sign moves the weight once more, and then no longer.
    var sign = lion(
      rate: 1, keep: 1, sign_decay: 0.9, sign_share: 0.1, mean_decay: 0.9, mean_share: 0.1)
    m = start.map { 4 * $0 }
    kernels.lion_step(&sign, &w, zeros, &m, count)
    #expect(m.allSatisfy { abs($0) > smallest } && w == start.map { $0 > 0 ? -1 : 1 })
    m = start
    kernels.lion_step(&sign, &w, zeros, &m, count)
    #expect(m == zeros)

    kernels.weighted_sum(0.9, start, 1, zeros, &v, count)
    #expect(v == zeros)
    // Normal numbers stay.
    kernels.weighted_sum(1, start, 1, zeros, &v, count)
    #expect(v == start)
  }

  @Test(arguments: KernelSet.available)
  func sumsAreWeightedAndElementsLimited(_ set: KernelSet) {
    var random = Random(seed: 15, domain: .augmentation)
    let kernels = set.table!.pointee.optimizer
    for count in Self.counts {
      let (x, y) = (draw(count, &random), draw(count, &random))
      var sum = [Float](repeating: 7, count: count + 1)
      kernels.weighted_sum(0.3, x, 0.7, y, &sum, count)
      #expect(Array(sum.dropLast()) == (0..<count).map { (0.7 * y[$0]).addingProduct(0.3, x[$0]) })
      var limited = x + [7]
      kernels.clamp(0.5, &limited, count)
      #expect(limited == x.map { max(-0.5, min($0, 0.5)) } + [7])
      limited[0] = .nan
      kernels.clamp(0.5, &limited, count)
      #expect(limited[0].isNaN && sum[count] == 7)
    }
  }
}
