import Layers
import TestSupport
import Testing

@testable import Datasets
@testable import Training

/// The first convolution's filters computed from images.
@Suite struct WhiteningTests {
  /// `A·v = λ·v`, unit vectors, and descending values, for a matrix with known eigenvalues too.
  @Test func eigenvectorsSolveTheirEquation() {
    var random = SplitMix64(seed: 3)
    for n in [1, 2, 5, 12] {
      let half = (0..<n).map { _ in (0..<n).map { _ in Double.random(in: -1...1, using: &random) } }
      let matrix = (0..<n).map { i in (0..<n).map { half[i][$0] + half[$0][i] } }
      let result = SymmetricEigenvectors(of: matrix)
      #expect(zip(result.values, result.values.dropFirst()).allSatisfy { $0 >= $1 })
      for (value, vector) in zip(result.values, result.vectors) {
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        for i in 0..<n {
          let product = zip(matrix[i], vector).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(product - value * vector[i]) < 1e-12, "\(n) \(i)")
        }
      }
    }
    let known = SymmetricEigenvectors(of: [[2, 1], [1, 2]])
    #expect(abs(known.values[0] - 3) < 1e-14 && abs(known.values[1] - 1) < 1e-14)
  }

  /// Over the very patches that the filters come from, the outputs have the covariance
  /// `diag(λ / (λ + ε))`, which is 1 for all but the smallest `λ`.
  @Test func outputsAreUncorrelated() throws {
    var random = SplitMix64(seed: 8)
    let (side, count) = (9, 20)
    let pixels = (0..<count * side * side).flatMap { _ -> [UInt8] in
      let base = UInt8.random(in: 0...200, using: &random)
      return [
        base, base + UInt8.random(in: 0...55, using: &random),
        UInt8.random(in: 0...99, using: &random),
      ]
    }
    let images = ImageSet(
      height: side, width: side, channels: 3, classes: 2, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % 2) })
    let normalization = try Normalization(
      mean: [0.4, 0.5, 0.3], std: [0.2, 0.3, 0.1], channels: 3)
    let convolution = Convolution2D("conv1", inputChannels: 3, outputChannels: 24, kernel: 2)
    let weight = Whitening(
      for: convolution, from: Array(0..<count), of: images, normalization
    ).weight
    #expect(weight.count == 24 * 12)
    // The second half are the opposites of the first.
    #expect((0..<144).allSatisfy { weight[$0] == -weight[144 + $0] })

    var covariance = [Double](repeating: 0, count: 144)
    for image in 0..<count {
      for y in 0..<side - 1 {
        for x in 0..<side - 1 {
          var patch: [Double] = []
          for channel in 0..<3 {
            for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
              let place = ((image * side + y + dy) * side + x + dx) * 3 + channel
              patch.append(Double(normalization.value(of: pixels[place], channel: channel)))
            }
          }
          let outputs = (0..<12).map { filter in
            (0..<12).reduce(0.0) { $0 + Double(weight[filter * 12 + $1]) * patch[$1] }
          }
          for i in 0..<144 { covariance[i] += outputs[i / 12] * outputs[i % 12] }
        }
      }
    }
    let patches = Double(count * (side - 1) * (side - 1))
    for i in 0..<12 {
      for j in 0..<12 {
        let value = covariance[i * 12 + j] / patches
        if i == j {
          #expect(value < 1 && value > 0.9, "\(i): \(value)")
        } else {
          #expect(abs(value) < 1e-4, "\(i), \(j): \(value)")
        }
      }
    }
  }

  @Test(arguments: [
    ("fc(classes)", "the network does not begin with a convolution"),
    ("conv(20,3) pool(4) fc(classes)", "conv1 has more filters than there are whitening filters"),
    ("conv(4,29) pool(4) fc(classes)", "the kernel of conv1 is larger than the images"),
    ("conv(4,3x31) pool(4) fc(classes)", "the kernel of conv1 is larger than the images"),
  ])
  func networksThatCannotWhitenAreRefused(notation: String, problem: String) throws {
    var run = try SmallRun()
    try run.configuration.set("arch", to: notation)
    try run.configuration.set("whiten", to: "5")
    let network = try #require(run.configuration.network).architecture.network(
      input: [1, 28, 28, 1], classes: 10)
    let data = try TrainingData(run.data, run.configuration)
    do {
      try run.configuration.initialize(network, for: data)
      Issue.record("\(notation) was taken")
    } catch { #expect("\(error)".contains(problem), "\(error)") }
  }
}
