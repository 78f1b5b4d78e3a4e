import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

@Suite struct LossTests {
  // MARK: Values computed by hand

  @Test func meanSquaredErrorHandComputed() {
    let run = LossRun(
      .meanSquaredError, [1, 2, 0, 0, 3, -1], shape: [3, 2], .values([0, 4, 0, 0, 3, 1]))
    #expect(run.losses == [2.5, 0, 2])
    // (2/(N·D))·(q − y) = (q − y)/3
    let third = Float(2) * (1 / Float(3)) / 2
    #expect(run.gradient == [third, -2 * third, 0, 0, 0, -2 * third])
    // The target of a label is its one-hot row.
    let labels = LossRun(.meanSquaredError, [1, 0, 1, 3, -1, 1], shape: [2, 3], .labels([0, 2]))
    #expect(labels.losses == [1.0 / 3, 10.0 / 3])
    #expect(labels.gradient.map { ($0 * 3).rounded() } == [0, 0, 1, 3, -1, 0])
  }

  @Test func binaryCrossEntropyHandComputed() {
    let log2 = 0.6931471805599453
    let run = LossRun(
      .binaryCrossEntropy, [0, 0, 1000, -1000], shape: [2, 2], .values([1, 0, 0, 0]))
    #expect(abs(run.losses[0] - log2) <= 1e-7)
    #expect(run.losses[1] == 500)
    #expect(run.gradient == [-0.125, 0.125, 0.25, 0])
    // For a label: softplus(0) for the wrong class and for the right one.
    let labels = LossRun(.binaryCrossEntropy, [0, 0], shape: [1, 2], .labels([1]))
    #expect(abs(labels.losses[0] - log2) <= 1e-7)
    #expect(labels.gradient == [0.25, -0.25])
  }

  @Test func hingeHandComputed() {
    // The margin plus the excess of each class over the right class, whose score is 1: 2, 0.5 and
    // none.
    let scores: [Float] = [1, 2, 0.5, -1]
    let run = LossRun(.hinge, scores, shape: [1, 4], .labels([0]))
    #expect(run.losses == [2.5 / 4])
    #expect(run.gradient == [-0.5, 0.25, 0.25, 0])
    // A class exactly 1 below the right class adds no loss, and neither does one far below.
    #expect(LossRun(.hinge, [3, 2], shape: [1, 2], .labels([0])).losses == [0])
    #expect(LossRun(.hinge, [3, 2], shape: [1, 2], .labels([0])).gradient == [0, 0])
    // A quarter of class 0’s loss and three quarters of class 1’s, which is 0, since the next class
    // is 1 below.
    let mixed = LossRun(.hinge, scores, shape: [1, 4], .mixed([0], [1], shares: [0.25]))
    #expect(mixed.losses == [0.25 * 2.5 / 4])
    #expect(mixed.gradient == [-0.125, 0.0625, 0.0625, 0])
  }

  @Test func smoothedCrossEntropyHandComputed() {
    // softmax([0, ln 3]) = [1/4, 3/4]; with ε = ½ and 2 classes the target is [3/4, 1/4].
    let run = LossRun(
      .crossEntropy, [0, 1.0986123], shape: [1, 2], .labels([0], smoothing: 0.5))
    #expect(abs(run.losses[0] - (1.3862943611 - 1.0986122887 / 4)) <= 1e-6)
    #expect(zip(run.gradient, [-0.5, 0.5]).allSatisfy { abs($0 - $1) <= 1e-6 })
  }

  // MARK: The Textbook

  @Test(arguments: KernelSet.available)
  func isCloseToTheTextbook(_ set: KernelSet) {
    var random = WholeNumbers(seed: 41)
    for (number, width) in [1, 2, 3, 10, 16, 17, 31, 33, 100].enumerated() {
      let n = 1 + number * 5
      let outputs = random.fractions(n * width).map { 12 * $0 }
      let labels = random.next(n, from: 0, to: width - 1)
      let others = random.next(n, from: 0, to: width - 1)
      let shares = random.fractions(n).map { abs($0) }
      let values = random.fractions(n * width).map { abs($0) }
      for smoothing in [0, 0.2] {
        let plain = LossRun.Target.labels(labels, smoothing: smoothing)
        let mixed = LossRun.Target.mixed(labels, others, shares: shares, smoothing: smoothing)
        func row(_ i: Int, _ isMixed: Bool) -> Vector<Double> {
          let first = smoothedLabel(width, labels[i], smoothing: smoothing)
          guard isMixed else { return first }
          let share = Double(shares[i])
          return share * first
            + (1 - share) * smoothedLabel(width, others[i], smoothing: smoothing)
        }
        for (isMixed, target) in [(false, plain), (true, mixed)] {
          compare(.crossEntropy, outputs, [n, width], target, set) { i, s in
            let t = row(i, isMixed)
            return (
              softmaxCrossEntropy(s, target: t), softmaxCrossEntropyGradient(s, target: t)
            )
          }
          compare(.meanSquaredError, outputs, [n, width], target, set) { i, s in
            let t = row(i, isMixed)
            return (meanSquaredError(s, t), meanSquaredErrorGradient(s, t))
          }
          compare(.binaryCrossEntropy, outputs, [n, width], target, set) { i, s in
            let t = row(i, isMixed)
            return (binaryCrossEntropy(s, t), binaryCrossEntropyGradient(s, t))
          }
        }
      }
      compare(.meanSquaredError, outputs, [n, width], .values(values), set) { i, s in
        let y = vector(values, i, width)
        return (meanSquaredError(s, y), meanSquaredErrorGradient(s, y))
      }
      compare(.binaryCrossEntropy, outputs, [n, width], .values(values), set) { i, s in
        let y = vector(values, i, width)
        return (binaryCrossEntropy(s, y), binaryCrossEntropyGradient(s, y))
      }
      let part = 1 / Double(width)
      compare(.hinge, outputs, [n, width], .labels(labels), set) { i, s in
        (part * multiclassHinge(s, labels[i]), part * multiclassHingeGradient(s, labels[i]))
      }
      compare(.hinge, outputs, [n, width], .mixed(labels, others, shares: shares), set) { i, s in
        let share = Double(shares[i])
        return (
          share * part * multiclassHinge(s, labels[i])
            + (1 - share) * part * multiclassHinge(s, others[i]),
          (share * part) * multiclassHingeGradient(s, labels[i])
            + ((1 - share) * part) * multiclassHingeGradient(s, others[i])
        )
      }
    }
  }

  private func vector(_ values: [Float], _ row: Int, _ width: Int) -> Vector<Double> {
    Vector(values[row * width..<(row + 1) * width].map(Double.init))
  }

  /// Each loss is within 1e-6 of itself or of 1, and each row's gradient within 1e-6 of its
  /// maximum.
  private func compare(
    _ loss: Loss, _ outputs: [Float], _ shape: Shape, _ target: LossRun.Target, _ set: KernelSet,
    _ textbook: (Int, Vector<Double>) -> (loss: Double, gradient: Vector<Double>)
  ) {
    let run = LossRun(loss, outputs, shape: shape, target, kernelSet: set)
    let (n, width) = (shape[0], shape[1])
    for i in 0..<n {
      let expected = textbook(i, vector(outputs, i, width))
      #expect(
        abs(run.losses[i] - expected.loss) <= 1e-6 * max(1, expected.loss),
        "\(loss), row \(i) of \(shape)")
      // Terms such as σ − y are exact to the last place of numbers around 1, divided by the row's
      // width.
      let scale = expected.gradient.elements.reduce(0.1 / Double(width)) { max($0, abs($1)) }
      for (found, right) in zip(
        run.gradient[i * width..<(i + 1) * width], expected.gradient.elements)
      {
        #expect(
          abs(Double(found) * Double(n) - right) <= 1e-6 * scale, "\(loss), row \(i) of \(shape)")
      }
    }
  }

  // MARK: Finite differences

  /// Compares ∂L with central differences of the fast loss itself. The scores are spaced so that
  /// the hinge has no kink there, and each loss is a smooth function of them to 1e-7.
  @Test(arguments: Loss.allCases)
  func gradientIsAFiniteDifference(_ loss: Loss) {
    let (n, width) = (5, 7)
    var random = WholeNumbers(seed: 42)
    let outputs = (0..<n * width).map { Float(($0 * 11) % (n * width)) * 0.13 - 2 }
    let labels = random.next(n, from: 0, to: width - 1)
    let target = LossRun.Target.labels(labels, smoothing: loss.takesSmoothing ? 0.125 : 0)
    let gradient = LossRun(loss, outputs, shape: [n, width], target).gradient
    let step: Float = 1.0 / 64
    for element in outputs.indices {
      let sums = [step, -step].map { shift in
        var moved = outputs
        moved[element] += shift
        return LossRun(loss, moved, shape: [n, width], target, wantsGradient: false).losses
          .reduce(0, +) / Double(n)
      }
      let slope = (sums[0] - sums[1]) / Double(2 * step)
      #expect(abs(slope - Double(gradient[element])) <= 2e-5, "\(loss), element \(element)")
    }
  }

  // MARK: Kernel sets, threads and parts of a mini-batch

  @Test(arguments: Loss.allCases)
  func setsAndThreadsGiveTheSameBits(_ loss: Loss) {
    var random = WholeNumbers(seed: 43)
    for (n, width) in [(1, 1), (37, 10), (3, 785), (50, 23)] {
      let outputs = random.fractions(n * width).map { 90 * $0 * $0 * $0 }
      let labels = random.next(n, from: 0, to: width - 1)
      var targets = [LossRun.Target.labels(labels)]
      if loss.takesValues { targets.append(.values(random.fractions(n * width).map { abs($0) })) }
      for target in targets {
        let reference = LossRun(loss, outputs, shape: [n, width], target, threads: 1)
        for set in KernelSet.available {
          for threads in [1, 3] {
            let found = LossRun(
              loss, outputs, shape: [n, width], target, kernelSet: set, threads: threads)
            #expect(found.losses == reference.losses, "\(loss), \(set), [\(n), \(width)]")
            #expect(found.gradient == reference.gradient, "\(loss), \(set), [\(n), \(width)]")
          }
        }
      }
    }
  }

  /// Parts of a mini-batch use the N of the whole, losses are the same with and without gradients,
  /// and nothing beyond the examples is written.
  @Test(arguments: Loss.allCases)
  func partsOfABatchTakeTheWholesN(_ loss: Loss) {
    var random = WholeNumbers(seed: 44)
    let outputs = random.fractions(6 * 5).map { 3 * $0 }
    let labels = [0, 4, 2, 1, 3, 3]
    let whole = LossRun(loss, outputs, shape: [6, 5], .labels(labels), batchSize: 8)
    let parts = [0..<2, 2..<6].map { range in
      LossRun(
        loss, Array(outputs[range.lowerBound * 5..<range.upperBound * 5]),
        shape: [range.count, 5], .labels(Array(labels[range])), batchSize: 8)
    }
    #expect(parts.flatMap(\.losses) == whole.losses)
    #expect(parts.flatMap(\.gradient) == whole.gradient)
    let alone = LossRun(
      loss, outputs, shape: [6, 5], .labels(labels), batchSize: 8, wantsGradient: false)
    #expect(alone.losses == whole.losses)
    #expect(alone.gradient.allSatisfy { $0 == 99 })
  }

  @Test(arguments: Loss.allCases)
  func notANumberIsSeen(_ loss: Loss) {
    let run = LossRun(loss, [1, .nan, 0, 1, 2, 3], shape: [2, 3], .labels([0, 1]))
    #expect(run.losses[0].isNaN && !run.losses[1].isNaN)
    if loss.takesValues {
      let values = LossRun(loss, [0, 0], shape: [1, 2], .values([0, .nan]))
      #expect(values.losses[0].isNaN)
    }
  }

  /// e⁻ˢ far below the precision of 1 + e⁻ˢ, and for s beyond the range of single precision.
  @Test(arguments: KernelSet.available)
  func smallBinaryCrossEntropiesAreKept(_ set: KernelSet) {
    for score in stride(from: Float(1), to: 87, by: 0.37) {
      let run = LossRun(
        .binaryCrossEntropy, [score, -score], shape: [2, 1], .labels([0, 0]), kernelSet: set)
      let exact = binaryCrossEntropy([Double(score)] as Vector<Double>, [1])
      #expect(abs(run.losses[0] / exact - 1) <= 3e-7, "\(score)")
      #expect(abs(run.losses[1] - Double(score) - exact) <= 3e-7 * Double(score), "\(score)")
    }
    let run = LossRun(
      .binaryCrossEntropy, [105, -105, 1e30], shape: [3, 1], .values([1, 0, 0]), kernelSet: set)
    #expect(run.losses == [0, 0, Double(Float(1e30))])
    #expect(run.gradient == [0, 0, 1 / Float(3)])
  }

  // MARK: Shares and weights

  @Test func aShareOfOneIsThePlainLabel() {
    var random = WholeNumbers(seed: 45)
    let outputs = random.fractions(4 * 6)
    let (labels, others) = ([0, 5, 2, 3], [1, 1, 2, 0])
    for loss in Loss.allCases {
      let plain = LossRun(loss, outputs, shape: [4, 6], .labels(labels))
      let first = LossRun(
        loss, outputs, shape: [4, 6], .mixed(labels, others, shares: [1, 1, 1, 1]))
      let second = LossRun(
        loss, outputs, shape: [4, 6], .mixed(others, labels, shares: [0, 0, 0, 0]))
      #expect(first.losses == plain.losses && first.gradient == plain.gradient, "\(loss)")
      #expect(second.losses == plain.losses && second.gradient == plain.gradient, "\(loss)")
    }
  }

  /// Weights of 1, weights of 2 with twice the total, and weights of 0.
  @Test func weightsScaleTheirClasses() {
    let context = Context(threadCount: 2)
    let arena = Arena()
    let z = arena.tensor([3, 2])
    _ = z.elements.update(fromContentsOf: [0.5, -1, 0, 2, 1, 1])
    let dz = arena.tensor([3, 2])
    let losses = arena.values(of: Double.self, 3)
    let targets = ClassTargets(borrowing: arena.labels([0, 1, 1]))
    func evaluate(_ weights: [Float]?, _ total: Double) -> (losses: [Double], dz: [Float]) {
      SoftmaxCrossEntropy.evaluate(
        z, targets, weights: weights.map { UnsafePointer(arena.copy($0)) },
        totalWeight: total, losses: losses, dz: dz, in: context)
      return ((0..<3).map { losses[$0] }, Array(dz.elements))
    }
    let plain = evaluate(nil, 3)
    #expect(evaluate([1, 1], 3) == plain)
    let double = evaluate([2, 2], 6)
    #expect(double.losses == plain.losses.map { 2 * $0 } && double.dz == plain.dz)
    let halved = evaluate([0, 1], 2)
    #expect(halved.losses == [0, plain.losses[1], plain.losses[2]])
    #expect(halved.dz[0] == 0 && halved.dz[1] == 0 && halved.dz[2] == -halved.dz[3])
  }
}
