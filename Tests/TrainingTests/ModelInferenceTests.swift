import Datasets
import Layers
import TestSupport
import Testing

@testable import Training

/// Models that are prepared for many predictions.
@Suite struct ModelInferenceTests {
  private static let layers =
    "conv(6,3,bias=no) bn relu pool(2) conv(8,3) bn relu globalavg fc(classes)"

  private func model(_ notation: String = layers) throws -> Model {
    let model = try Model(
      notation, height: 12, width: 10, channels: 1, classNames: ["a", "b", "c"], threads: 2)
    model.network.drawStatistics(seed: 3)
    return model
  }

  /// Five images.
  private let pixels = (0..<5 * 120).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 + 31 * $0) }

  @Test func exactPreparationChangesNoBit() throws {
    let model = try model()
    let expected = model.probabilities(of: pixels)
    model.prepareForInference(exact: true)
    for _ in 0..<2 { #expect(model.probabilities(of: pixels) == expected) }
  }

  @Test func foldingChangesRoundingAlone() throws {
    let model = try model()
    let expected = model.probabilities(of: pixels).flatMap { $0 }
    model.prepareForInference()
    let folded = model.probabilities(of: pixels)
    #expect(folded.flatMap { $0 } != expected)
    #expect(relativeDifference(folded.flatMap { $0 }, expected) < 1e-5)
    #expect(model.probabilities(of: pixels) == folded)
    // Each image alone gives the same bits.
    #expect(model.probabilities(of: Array(pixels[120..<240])) == [folded[1]])
    // The outputs of single layers are those of the original network.
    #expect(model.layerOutputs(of: Array(pixels[..<120])).map(\.name).contains("bn2"))
  }

  @Test func withoutNormalizationThereIsNothingToFold() throws {
    let model = try model("conv(6,3) relu pool(2) fc(classes)")
    let expected = model.probabilities(of: pixels)
    model.prepareForInference()
    #expect(model.probabilities(of: pixels) == expected)
  }

  /// A training may choose other algorithms than predictions before it did, and one training others than the last.
  @Test func aModelIsTrainedAfterPredictionsAndAgain() throws {
    let model = try model()
    let images = ImageSet(
      height: 12, width: 10, channels: 1, classes: 3, pixels: pixels, labels: [0, 1, 2, 0, 1])
    var before = model.probabilities(of: pixels)
    _ = model.layerOutputs(of: Array(pixels[..<120]))
    for (batch, algorithm) in [(5, nil), (3, "direct"), (2, "winograd")] {
      let trainer = try Trainer(model, on: images) { configuration throws(SettingError) in
        configuration.batchSize = batch
        if let algorithm { try configuration.set("conv-algorithm", to: algorithm) }
      }
      _ = try trainer.advance()
      let after = model.probabilities(of: pixels)
      #expect(after != before)
      before = after
    }
  }

  /// After a change of the values, the model is prepared again.
  @Test func aNewPreparationTakesNewValues() throws {
    let model = try model()
    model.prepareForInference()
    let before = model.probabilities(of: pixels)
    model.network.drawStatistics(seed: 4)
    model.prepareForInference()
    let folded = model.probabilities(of: pixels)
    #expect(folded != before)
    model.prepareForInference(exact: true)
    let exact = model.probabilities(of: pixels)
    #expect(relativeDifference(folded.flatMap { $0 }, exact.flatMap { $0 }) < 1e-5)
    model.undoPreparation()
    #expect(model.probabilities(of: pixels) == exact)
  }
}
