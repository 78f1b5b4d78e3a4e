import Datasets
import Layers

/// The files by which another program computes a network that has no run, to compare speeds.
public enum UntrainedNetwork {
  /// A Python file with the class `Network`, whose values are PyTorch's own.
  ///
  /// - Throws: ``ExportError`` for a layer without a form.
  public static func torchModule(of network: Sequential) throws(ExportError) -> String {
    var builder = ModuleBuilder(shape: network.inputShape)
    for (layer, output) in try network.exportedLayers() { builder.add(layer, output: output) }
    builder.finish()
    let head = """
      import torch
      from torch import nn
      from torch.nn import functional as F
      """
    let parts = [head] + builder.functions + [builder.classText("A network to time.")]
    return parts.joined(separator: "\n\n\n") + "\n"
  }

  /// A model in ONNX with the network's values. Its input is `images`, its output `logits`.
  ///
  /// - Throws: ``ExportError`` for a layer without a form, or a network that is too large.
  public static func onnx(of network: Sequential) throws(ExportError) -> [UInt8] {
    let graph = try ONNXGraph(
      network, name: "network", inputName: "images", pixels: nil, normalization: nil,
      outputName: "logits")
    let bytes = ONNXModel(
      producerVersion: "", description: "A network to time.", graph: graph, metadata: []
    ).bytes
    guard bytes.count < ONNXModel.byteLimit else { throw .tooLarge(bytes: bytes.count) }
    return bytes
  }
}
