import Checkpoints
import Training

/// A trained network for PyTorch: a module in Python, and its values with PyTorch's names and shapes.
public struct TorchExport {
  /// The Python file.
  public let module: [UInt8]
  /// The safetensors file, which the module reads beside itself.
  public let values: [UInt8]

  /// - Throws: ``ExportError`` for a layer without a form.
  public init(_ trained: TrainedModel) throws(ExportError) {
    module = Array(try TorchModule(trained).text.utf8)
    var metadata = trained.origin
    for (key, value) in trained.model.exportedMetadata { metadata[key] = value }
    metadata["format"] = "pt"
    values = Safetensors.encode(tensors: trained.network.storedTensors, metadata: metadata)
  }
}
