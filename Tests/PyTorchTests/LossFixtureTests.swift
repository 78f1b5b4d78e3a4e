import Layers
import Tensors
import TestSupport
import Testing
import Training

/// Every loss against PyTorch's results in double. Differences are relative to the maximum.
@Suite struct LossFixtureTests {
  @Test(arguments: KernelSet.available)
  func everyLossIsPyTorchs(_ set: KernelSet) throws {
    let fixture = try Fixture("losses")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 92)
    var seen: [String: Int] = [:]
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let loss = try #require(Loss(rawValue: settings["loss"] ?? ""))
      seen[loss.rawValue, default: 0] += 1
      let outputs = try fixture.tensor("\(name).outputs")
      let arena = Arena()
      let z = arena.tensor(Shape(outputs.shape))
      _ = z.elements.update(fromContentsOf: outputs.values)
      let dz = arena.tensor(z.shape)
      let count = z.shape[0]
      let losses = arena.values(of: Double.self, count)
      func floats(_ part: String) -> UnsafeBufferPointer<Float>? {
        fixture.tensors["\(name).\(part)"].map { tensor in
          let copy = arena.floats(tensor.values.count)
          copy.update(from: tensor.values, count: tensor.values.count)
          return UnsafeBufferPointer(start: copy, count: tensor.values.count)
        }
      }
      func labels(_ part: String) -> UnsafeBufferPointer<Int32>? {
        fixture.tensors["\(name).\(part)"].map { tensor in
          let copy = arena.values(of: Int32.self, tensor.values.count)
          for (i, label) in tensor.values.enumerated() { copy[i] = Int32(label) }
          return UnsafeBufferPointer(start: copy, count: tensor.values.count)
        }
      }

      var total = Double(count)
      if let values = floats("targets") {
        let targets = Tensor(z.shape, at: UnsafeMutablePointer(mutating: values.baseAddress!))
        loss.evaluate(
          z, .values(targets), batchSize: count, losses: losses, gradient: dz, in: context)
      } else {
        let classes = ClassTargets(
          borrowing: try #require(labels("labels")),
          mixed: labels("others").map { ($0, floats("shares")!) },
          smoothing: try #require(Double(settings["smoothing"] ?? "")))
        if let weights = floats("weights") {
          if classes.mixed == nil {
            total = (0..<count).reduce(0) { $0 + Double(weights[Int(classes.labels[$1])]) }
          }
          SoftmaxCrossEntropy.evaluate(
            z, classes, weights: weights.baseAddress, totalWeight: total, losses: losses, dz: dz,
            in: context)
        } else {
          loss.evaluate(
            z, .classes(classes), batchSize: count, losses: losses, gradient: dz, in: context)
        }
      }
      let found = (0..<count).map { losses[$0] }
      expect(found.map { Float($0) }, try fixture.values("\(name).losses"), 1e-6, name)
      expect(
        [Float(found.reduce(0, +) / total)], try fixture.values("\(name).mean_loss"), 1e-6,
        "\(name) mean")
      expect(Array(dz.elements), try fixture.values("\(name).doutputs"), 1e-6, "\(name) ∂")
    }
    #expect(seen == ["mse": 13, "bce": 13, "hinge": 6, "cross-entropy": 60])
  }

  private func expect(
    _ found: [Float], _ expected: [Float], _ tolerance: Float, _ name: String
  ) {
    #expect(relativeDifference(found, expected) <= tolerance, "\(name)")
  }
}
