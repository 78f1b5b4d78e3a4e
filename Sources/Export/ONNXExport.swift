import Files
import Layers
import Tensors
import Training

/// A trained network as a model in ONNX.
///
/// Its input is `images`, `[N, c, h, w]` in float: pixels that are normalized as in training. With
/// pixels as input it is `pixels`, `[N, c, h, w]`, 0…255. Its output is `logits`, `[N, classes]`,
/// `probabilities`, or for an autoencoder `reconstruction`, `[N, c, h, w]`. N is any number.
public struct ONNXExport {
  /// The type of pixels as input.
  public enum Pixels: String, CaseIterable, Sendable {
    case uint8
    case float
  }

  private let trained: TrainedModel
  private let pixels: Pixels?
  private let softmax: Bool

  /// - `pixels`: the type of the input if the graph normalizes pixels; nil if its input is normalized.
  /// - `softmax`: true for the probabilities of classes as output.
  /// - Throws: ``ExportError/notClasses`` for the probabilities of an autoencoder.
  public init(_ trained: TrainedModel, pixels: Pixels?, softmax: Bool) throws(ExportError) {
    guard !(softmax && trained.network.isAutoencoder) else { throw .notClasses }
    (self.trained, self.pixels, self.softmax) = (trained, pixels, softmax)
  }

  private var inputName: String { pixels == nil ? "images" : "pixels" }

  private var outputName: String {
    trained.network.isAutoencoder ? "reconstruction" : softmax ? "probabilities" : "logits"
  }

  /// The content of the file.
  ///
  /// - Throws: ``ExportError`` for a layer without a form, or a network that is too large.
  public func bytes() throws(ExportError) -> [UInt8] {
    let bytes = try model().bytes
    guard bytes.count < ONNXModel.byteLimit else { throw .tooLarge(bytes: bytes.count) }
    return bytes
  }

  private func model() throws(ExportError) -> ONNXModel {
    let model = trained.model
    return ONNXModel(
      producerVersion: RunEnvironment.version, description: description,
      graph: try ONNXGraph(
        trained.network, name: model.name, inputName: inputName, pixels: pixels,
        normalization: trained.normalization, outputName: outputName),
      metadata: metadata)
  }

  // MARK: Texts

  private var preparation: String {
    let model = trained.model
    let kind = model.channels == 1 ? "gray " : model.channels == 3 ? "RGB " : ""
    let place = pixels == nil ? "before the network" : "in the network"
    return "\(kind)pixels 0...255 of \(model.height)x\(model.width) (height x width); "
      + "(pixel / 255 - mean) / std by channel, \(place); images are resized before the network"
  }

  private var description: String {
    "\(inputName): [N, c, h, w], \(preparation). \(outputName): "
      + (trained.network.isAutoencoder
        ? "images as the input." : "a value for each class.")
  }

  private var metadata: [(key: String, value: String)] {
    let model = trained.model
    var entries = model.exportedMetadata
    entries.append(("preprocessing", preparation))
    for (key, value) in trained.origin.sorted(by: { $0.key < $1.key }) {
      entries.append((key, value))
    }
    return entries
  }
}

extension ModelDescription {
  /// The network and its input, as text under the keys of a checkpoint.
  var exportedMetadata: [(key: String, value: String)] {
    func list(_ numbers: [Float]) -> String {
      numbers.map(\.description).joined(separator: ",")
    }
    return [
      ("model", name), ("architecture", architecture.canonical),
      ("input", "\(height),\(width),\(channels)"),
      ("classes", CanonicalJSON.array(classNames.map { .string($0) }).text), ("dataset", dataset),
      ("mean", list(mean)), ("std", list(std)),
    ]
  }
}
