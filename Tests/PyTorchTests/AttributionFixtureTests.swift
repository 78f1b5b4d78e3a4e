import Layers
import Networks
import Tensors
import TestSupport
import Testing
import Visualization

/// Saliency, Grad-CAM and occlusion of two networks, against PyTorch in double.
@Suite struct AttributionFixtureTests {
  @Test(arguments: ["plain", "normalized"], KernelSet.available)
  func attributionsArePyTorchs(_ name: String, _ set: KernelSet) throws {
    let fixture = try Fixture("attribution")
    let settings = fixture.settings(name)
    let network = try Architecture(try #require(fixture.metadata["model.\(name)"])).network(
      input: [1, 10, 9, 3], classes: 5)
    for parameter in network.parameters {
      parameter.setValues(stored: try fixture.values("\(name).state.\(parameter.name)"))
    }
    let context = Context(threadCount: 2, kernelSet: set)
    let x = try fixture.examples("\(name).x").values
    let layer = try #require(network.layers.firstIndex { $0.name == settings["layer"] })
    let window = Attribution.Window(
      size: try #require(Int(settings["window"] ?? "")),
      stride: try #require(Int(settings["stride"] ?? "")))
    let plain = ProbedNetwork(
      network, watching: [], capacity: 7, givesGradients: false, context: context)
    let maps = (0..<5).map { label in
      Attribution.occlusion(plain, input: x, class: label, window: window)
    }
    let probed = ProbedNetwork(
      network, watching: [layer], capacity: 1, givesGradients: true, context: context)
    func expect(_ map: AttributionMap, _ kind: String, _ label: Int) throws {
      let expected = try fixture.values("\(name).\(kind)\(label)")
      #expect(relativeDifference(map.values, expected) <= 1e-5, "\(kind) of class \(label)")
    }
    for label in 0..<5 {
      try expect(Attribution.saliency(probed, input: x, class: label), "saliency", label)
      let cam = Attribution.gradCAM(probed, input: x, class: label, layer: layer)
      try expect(cam, "cam", label)
      try expect(cam.resized(height: 10, width: 9), "resized", label)
      try expect(maps[label], "occlusion", label)
    }
  }
}
