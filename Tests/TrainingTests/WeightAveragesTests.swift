import Layers
import Networks
import Tensors
import Testing

@testable import Training

/// Averages of parameters, by hand-computed values.
@Suite struct WeightAveragesTests {
  private let context = Context(threadCount: 2)
  private let network: Sequential

  init() throws {
    network = try Architecture("conv(2,3,bias=no,frozen=yes) bn fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
    network.initialize(seed: 1)
  }

  private func averages(
    _ settings: [(String, String)], stepsPerEpoch: Int = 2, totalSteps: Int = 8
  ) throws -> WeightAverages {
    var configuration = Configuration()
    for (key, value) in settings { try configuration.set(key, to: value) }
    let averages = WeightAverages(
      of: network, configuration, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps,
      context: context)
    set(0)
    averages.begin()
    return averages
  }

  private func set(_ value: Float) {
    for parameter in network.parameters where parameter.role != .frozen {
      parameter.setValues(stored: [Float](repeating: value, count: parameter.layout.count))
    }
  }

  /// The value of all parameters that change, which must be equal.
  private var value: Float? {
    let values = Set(
      network.parameters.filter { $0.role != .frozen }.flatMap { $0.storedValues() })
    return values.count == 1 ? values.first : nil
  }

  /// The value after each step; step t sets all parameters to t.
  private func values(_ averages: WeightAverages, steps: Int = 8) -> [Float?] {
    (1...steps).map { step in
      set(Float(step))
      averages.update(afterStep: step)
      return value
    }
  }

  @Test func lookaheadSetsTheParametersToTheAverage() throws {
    // (0 + 2)/2 = 1, (1 + 4)/2 = 2.5, (2.5 + 6)/2 = 4.25, and then the average at the end.
    let every2 = try averages([("lookahead", "every=2,decay=0.5")], totalSteps: 7)
    #expect(values(every2, steps: 7) == [1, 1, 3, 2.5, 5, 4.25, 4.25])
    // ¼·3 = 0.75, and ¾·0.75 + ¼·6; the run does not end here.
    let every3 = try averages([("lookahead", "every=3,decay=0.75")], totalSteps: 9)
    #expect(values(every3) == [1, 2, 0.75, 4, 5, 2.0625, 7, 8])
  }

  @Test func lookaheadsDecayGrowsWithItsPower() throws {
    let lookahead = try #require(Lookahead("every=5,decay=0.5,power=3"))
    let cubes: [Double] = [0, 1, 8, 27, 64]
    for (index, cube) in cubes.enumerated() {
      #expect(lookahead.decay(afterStep: 2 * index, of: 8) == cube / 128)
    }
    // Decays 0.5·½ and 0.5: 0.25·0 + 0.75·4 = 3, then (3 + 8)/2.
    let run = try averages([("lookahead", "every=4,decay=0.5,power=1")])
    #expect(values(run) == [1, 2, 3, 3, 5, 6, 7, 5.5])
  }

  @Test func airbenchsLookahead() throws {
    let lookahead = try #require(Lookahead("every=5,decay=0.7737809375,power=3"))
    #expect(lookahead.isDue(afterStep: 5, stepsPerEpoch: 48))
    #expect(!lookahead.isDue(afterStep: 7, stepsPerEpoch: 48))
    var power = 1.0
    for _ in 0..<5 { power *= 0.95 }
    #expect(abs(lookahead.decay(afterStep: 475, of: 475) - power) < 1e-15)
    #expect(abs(lookahead.decay(afterStep: 95, of: 475) - power / 125) < 1e-15)
  }

  @Test func lookaheadStartsLate() throws {
    // From step 2, at the value 2: (2 + 4)/2 = 3, (3 + 6)/2 = 4.5; at the end 4.5.
    let run = try averages([("lookahead", "every=2,decay=0.5,from=1")], totalSteps: 7)
    #expect(values(run, steps: 7) == [1, 2, 3, 3, 5, 4.5, 4.5])
    let steps = try averages([("lookahead", "every=2,decay=0.5,from=2steps")], totalSteps: 7)
    #expect(values(steps, steps: 7) == [1, 2, 3, 3, 5, 4.5, 4.5])
  }

  @Test func theExponentialAverageIsShownAndHidden() throws {
    let run = try averages([("ema", "0.5")])
    // Decays 2/11, 3/12, 4/13, 5/14, …: at step 7, 8/17, and from step 8 on ½.
    var expected = 0.0
    for step in 1...9 {
      set(Float(step))
      run.update(afterStep: step)
      #expect(value == Float(step))
      let decay = min(0.5, Double(1 + step) / Double(10 + step))
      expected = decay * expected + (1 - decay) * Double(step)
      run.show(afterStep: step)
      run.show(afterStep: step)
      #expect(abs(Double(try #require(value)) - expected) < 1e-5, "step \(step)")
      run.hide()
      run.hide()
      #expect(value == Float(step))
    }
    #expect(
      run.slots.map(\.name) == [
        "optim.bn1.weight.trained", "optim.bn1.bias.trained", "optim.bn1.running_mean.trained",
        "optim.bn1.running_var.trained", "optim.fc1.weight.trained", "optim.fc1.bias.trained",
      ])
  }

  @Test func theMeanOfEpochsBeginsAtItsEpoch() throws {
    // Epochs of 2 steps; the mean of 4, 6, 8 at the ends of epochs 2, 3 and 4.
    let run = try averages([("swa", "2")])
    var shown: [Float?] = []
    for step in 1...8 {
      set(Float(step))
      run.update(afterStep: step)
      run.show(afterStep: step)
      shown.append(value)
      run.hide()
      #expect(value == Float(step))
    }
    #expect(shown == [1, 2, 3, 4, 4, 5, 5, 6])
  }

  @Test func lookaheadAndAnAverageWorkTogether() throws {
    let run = try averages([("lookahead", "every=2,decay=0.5"), ("swa", "1")])
    // The parameters after steps 2, 4, 6 and 8 are 1, 2.5, 4.25 and 6.125.
    #expect(values(run) == [1, 1, 3, 2.5, 5, 4.25, 7, 6.125])
    run.show(afterStep: 8)
    let mean: Float = 13.875 / 4
    #expect(abs(try #require(value) - mean) < 1e-6)
    #expect(run.slots.count == 12)
  }

  /// Parameters of several blocks, with padding.
  @Test func anyThreadsGiveTheSameBits() throws {
    func run(_ threads: Int) throws -> [[Float]] {
      let network = try Architecture("fc(70) relu fc(classes)").network(
        input: [1, 28, 28, 1], classes: 10)
      let second = SecondValues(of: network, slot: "test")
      let context = Context(threadCount: threads)
      for seed in 1...3 {
        network.initialize(seed: UInt64(seed))
        second.blend(weight: 0.3, in: context)
      }
      second.exchangeWithNetwork(in: context)
      let average = network.parameters.map { $0.storedValues() }
      second.copyToNetwork(in: context)
      return average + network.parameters.map { $0.storedValues() }
    }
    let reference = try run(1)
    #expect(Set(reference[0]).count > 1000)
    for threads in 2...4 { #expect(try run(threads) == reference) }
  }

  @Test(arguments: [
    "every=5,decay=0.5", "every=5,decay=0.7737809375,power=3", "every=4,decay=0.7,from=8.25",
    "every=4,decay=0.7,from=264steps",
  ])
  func textReadsBack(_ text: String) throws {
    #expect(try #require(Lookahead(text)).description == text)
  }

  @Test(arguments: [
    "", "5", "every=5", "decay=0.5", "every=0,decay=0.5", "every=5,decay=1", "every=5,decay=0",
    "every=5,decay=0.5,power=-1", "every=5,decay=0.5,from=0", "every=5,decay=0.5,more=1",
    "every=5,decay=0.5,6",
  ])
  func invalidTextsAreRefused(_ text: String) {
    #expect(Lookahead(text) == nil)
  }
}
