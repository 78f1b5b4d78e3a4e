import Layers
import Tensors
import Testing
import Textbook

@testable import GradientChecking
@testable import Networks

@Suite struct GradientCheckTests {
  // Each test has its own context, since tests run at the same time.
  let context = Context(threadCount: 2)

  private func check(_ notation: String, _ input: Shape) throws -> GradientCheck.Outcome {
    let network = try Architecture(notation).stack(input: input, classes: 4)
    return try GradientCheck(samples: 12, seed: 3, context: context).check(
      network, examples: input[0], isClassifier: true)
  }

  private func rows(
    _ lecture: LectureNetwork, _ x: [Volume<Double>], _ r: [Volume<Double>]
  ) -> [TensorCheck] {
    let check = DifferenceCheck(
      lecture: lecture, objective: .projection(r), samples: 100, bound: 1e-7,
      draw: Draw(seed: 1, index: 0))
    return check.rows(at: x)
  }

  /// Gradients in double within 1e-7, on 20 shapes of each layer, and the fast layers.
  @Test(arguments: CheckedWord.all.map(\.name))
  func everyLayerPassesOnTwentyShapes(_ name: String) throws {
    let word = try #require(CheckedWord.all.first { $0.name == name })
    let check = GradientCheck(samples: 60, seed: 11, context: context)
    var specimens: Set<String> = []
    for number in 0..<20 {
      let (specimen, network) = word.specimen(number, seed: 11)
      specimens.insert("\(specimen.notation) on \(specimen.input)")
      let outcome = try check.check(
        network, examples: specimen.input[0], isClassifier: false, calling: specimen.notation)
      #expect(outcome.differences.allSatisfy { $0.bound == 1e-7 })
      for row in outcome.all {
        #expect(row.passes, "\(row)")
        #expect(row.skipped == 0, "\(row)")
      }
    }
    // Every shape is drawn independently, so hardly any shape occurs twice.
    #expect(specimens.count >= 18)
  }

  /// Every layer of the registry must be checked.
  @Test func everyWordOfTheNotationIsChecked() {
    #expect(CheckedWord.all.count >= 20)
    #expect(CheckedWord.all.map(\.name) == LayerRegistry.words.map(\.name))
  }

  @Test(
    arguments: [
      (
        "conv(3,3) bn relu pool(2,mode=ceil) conv(4,3,stride=2) gelu globalavg fc(classes)",
        [4, 7, 6, 2]
      ),
      (
        "conv(4,3) bn relu res(conv(4,3) bn res(gelu conv(4,3)) relu) convt(3,4,stride=2,padding=1) relu"
          + " signal conv1d(4,5,stride=2) res(bn gelu) pool1d(4) relu fc(6) res(fc(6) relu) fc(classes)",
        [3, 6, 5, 2]
      ),
      ("conv(5,3) relu flatten scale(1/3) fc(7) bn relu fc(classes)", [5, 4, 5, 3]),
      ("conv(16,5) pool(2) relu conv(16,5) globalmax fc(classes)", [2, 9, 9, 1]),
      (
        "conv(4,2,frozen=yes,padding=valid) gelu conv(4,3,bias=no) bn(scale=no) gelu pool(3,2,padding=1)"
          + " fc(classes,bias=no) scale(1/9)", [3, 8, 8, 3]
      ),
    ] as [(String, [Int])])
  func wholeNetworks(_ notation: String, _ input: [Int]) throws {
    let outcome = try check(notation, Shape(input))
    for row in outcome.all { #expect(row.passes, "\(row)") }
    // Five losses, each with its differences, its fast value and its fast gradient.
    #expect(outcome.loss.count == 15)
    #expect(outcome.differences.allSatisfy { $0.bound == 1e-6 })
    let network = try Architecture(notation).stack(input: Shape(input), classes: 4)
    let parameters = network.parameters.filter { $0.role != .running }
    #expect(
      outcome.differences.map { $0.tensor == "input" ? "input" : "\($0.layer).\($0.tensor)" }
        == ["input"] + parameters.map(\.name))
    #expect(outcome.differences[0].count == Shape(input).count)
  }

  /// A convolution whose backward pass lacks the flip, a bias gradient counted twice, and a ReLU
  /// that passes every gradient: the check must find each mistake, in its tensor.
  @Test func mistakesAreFound() throws {
    func mistaken(_ lecture: any LectureBatchLayer<Double>) throws -> [TensorCheck] {
      let network = try Architecture("conv(2,3)").stack(input: [1, 5, 5, 1], classes: 4)
      network.drawForCheck(seed: 5)
      var wrong = try LectureNetwork(network)
      let step = wrong.steps[0]
      wrong.steps[0] = .init(
        layer: step.layer, lecture: lecture, tensors: step.tensors, restart: 0, isAlone: true)
      var draw = Draw(seed: 1, index: 0)
      let x = volumes(draw.spaced(25), like: [Volume(zeros: 1, 5, 5)])
      let r = wrong.forward(from: 0, x).output.map {
        Volume(shape: $0.shape, elements: draw.uniform($0.elements.count).map(Double.init))
      }
      return rows(wrong, x, r)
    }
    var numbers = Draw(seed: 9, index: 0)
    let w = Kernel(shape: [2, 1, 3, 3], elements: numbers.uniform(18).map(Double.init))
    let right = try mistaken(LectureEach(LectureConvolution(w, [0.5, -0.5], padding: 1)))
    #expect(right.map(\.tensor) == ["input", "weight", "bias"])
    #expect(right.allSatisfy { $0.passes && $0.skipped == 0 })

    let unflipped = try mistaken(Mistaken(w, .noFlip))
    #expect(unflipped.map(\.passes) == [false, true, true])
    let twice = try mistaken(Mistaken(w, .biasTwice))
    #expect(twice.map(\.passes) == [true, true, false])
    #expect(twice[2].error > 0.5)
    #expect(abs(twice[2].found - 2 * twice[2].expected) < 1e-6)
    #expect(twice[2].place.count == 1 && twice[2].shape == [2])
    let leaky = try mistaken(LectureEach(Leaky()))
    #expect(!leaky[0].passes && leaky[0].skipped == 0)
    // The element is one for which the ReLU is 0, and the row contains the wrong value.
    #expect(leaky[0].expected == 0 && leaky[0].found != 0 && leaky[0].place.count == 4)
  }

  /// Values within one step of a kink are skipped and counted; the others are compared.
  @Test func kinksAreSkipped() throws {
    let network = try Architecture("relu").stack(input: [1, 1, 4, 1], classes: 1)
    let lecture = try LectureNetwork(network)
    let x = [Volume(shape: [1, 1, 4], elements: [1e-6, 0.5, -0.5, -1e-6])]
    let r = [Volume(shape: [1, 1, 4], elements: [1.0, 2, 3, 4])]
    let row = rows(lecture, x, r)[0]
    #expect(row.passes && row.checked == 2 && row.skipped == 2)

    let ties = try Architecture("pool(1x2)").stack(input: [1, 1, 4, 1], classes: 1)
    let pooled = rows(
      try LectureNetwork(ties), [Volume(shape: [1, 1, 4], elements: [3, 3 + 1e-6, 1, 2])],
      [Volume(shape: [1, 1, 2], elements: [1.0, 2])])[0]
    #expect(pooled.passes && pooled.checked == 2 && pooled.skipped == 2)

    let onlyKinks = rows(lecture, [Volume(zeros: 1, 1, 4)], r)[0]
    #expect(!onlyKinks.passes && onlyKinks.checked == 0 && onlyKinks.skipped == 4)
  }

  /// A fast layer with an error larger than single precision explains.
  @Test func aWrongFastLayerIsFound() throws {
    let network = try Architecture("conv(3,3)").stack(input: [1, 4, 4, 2], classes: 1)
    network.drawForCheck(seed: 2)
    let lecture = try LectureNetwork(network)
    var draw = Draw(seed: 1, index: 0)
    let x = volumes(draw.spaced(32), like: [Volume(zeros: 2, 4, 4)])
    let r = [Volume(shape: [3, 4, 4], elements: draw.uniform(48).map(Double.init))]
    func rows() -> [TensorCheck] {
      lecture.compareFastLayers(x, .projection(r), context)
    }
    #expect(
      rows().map(\.tensor) == ["output", "input gradient", "weight gradient", "bias gradient"])
    #expect(rows().map(\.passes) == [true, true, true, true])
    // With another weight in the fast layer alone, its output and input gradient change, and
    // nothing else.
    let weight = network.parameters[0]
    var values = weight.storedValues()
    values[7] += 0.01
    weight.setValues(stored: values)
    #expect(rows().map(\.passes) == [false, false, true, true])
  }

  /// Equal seeds give equal results, and another seed gives others.
  @Test func theSeedDecides() throws {
    func outcome(_ seed: UInt64) throws -> GradientCheck.Outcome {
      try GradientCheck(samples: 5, seed: seed, context: context).checkLayers(shapes: 1)
    }
    let first = try outcome(1)
    #expect(try outcome(1).differences == first.differences)
    #expect(try outcome(1).fast == first.fast)
    #expect(try outcome(2).differences != first.differences)
    #expect(first.differences.contains { $0.checked == 5 && $0.count > 5 })
  }

  @Test func aKindThatTheTextbookLacksIsTold() throws {
    let network = try Sequential([Unknown()], inputShape: [1, 2])
    let error = try #require(throws: GradientCheckError.self) { try LectureNetwork(network) }
    #expect(
      "\(error)"
        == "unknown1: its gradient cannot be checked (found Unknown, for which the Textbook has no "
        + "layer). Add a file for it to Sources/GradientChecking/Layers, or leave it out.")
  }
}

private final class Unknown: ViewLayer {
  let name = "unknown1"
  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }
}

/// A convolution with a typical mistake in its backward pass.
private final class Mistaken: LectureBatchLayer {
  enum Mistake { case noFlip, biasTwice }
  private let layer: LectureEach<Double>
  private let mistake: Mistake
  private let w: Kernel<Double>

  init(_ w: Kernel<Double>, _ mistake: Mistake) {
    layer = LectureEach(LectureConvolution(w, [0.5, -0.5], padding: 1))
    self.w = w
    self.mistake = mistake
  }

  func forward(_ p: [Volume<Double>]) -> [Volume<Double>] { layer.forward(p) }

  func backward(_ dq: [Volume<Double>]) -> [Volume<Double>] {
    let dp = layer.backward(dq)
    guard mistake == .noFlip else { return dp }
    let unflipped = Kernel(outputs: w.outputs, inputs: w.inputs) { g, f in flip2d(w[g, f]) }
    return dq.map { convolution2DBackwardInput($0, unflipped, padding: 1) }
  }

  var parameters: Vector<Double> {
    get { layer.parameters }
    set { layer.parameters = newValue }
  }
  var parameterGradients: Vector<Double> {
    var gradients = layer.parameterGradients
    if mistake == .biasTwice {
      gradients[18] *= 2
      gradients[19] *= 2
    }
    return gradients
  }
  var piece: [Int] { [] }
}

/// A ReLU whose backward pass ignores where the input is negative. It has parameters only to
/// replace a layer that has some.
private final class Leaky: LectureLayer {
  private let relu = LectureReLU<Double>()
  var parameters = Vector<Double>(zeros: 20)
  var parameterGradients: Vector<Double> { Vector(zeros: 20) }
  var piece: [Int] { relu.piece }
  func forward(_ p: Volume<Double>) -> Volume<Double> { relu.forward(p) }
  func backward(_ dq: Volume<Double>) -> Volume<Double> { dq }
}
