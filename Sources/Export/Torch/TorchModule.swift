import Files
import Layers
import Tensors
import Training

/// A PyTorch module as a Python file, which loads its values from a safetensors file beside it.
///
/// Texts of the checkpoint, such as names of classes, are in the file as literals only.
struct TorchModule {
  private let model: ModelDescription
  private let loss: Loss
  private let isAutoencoder: Bool
  private let background: UInt8
  private let builder: ModuleBuilder

  init(_ trained: TrainedModel) throws(ExportError) {
    model = trained.model
    loss = trained.configuration.loss
    background = trained.configuration.background
    isAutoencoder = trained.network.isAutoencoder
    var builder = ModuleBuilder(shape: trained.network.inputShape)
    for (layer, output) in try trained.network.exportedLayers() {
      builder.add(layer, output: output)
    }
    builder.finish()
    self.builder = builder
  }

  /// The content of the Python file.
  var text: String {
    var parts = [header, constants] + builder.functions + [network, loading, preparation]
    if readsFiles { parts += [reader, isAutoencoder ? reconstructing : classifying] }
    return parts.joined(separator: "\n\n\n") + "\n"
  }

  /// True if the network's images may be files of images.
  private var readsFiles: Bool { model.channels == 1 || model.channels == 3 }

  private var header: String {
    let usage =
      isAutoencoder
      ? " `python model.py IMAGE OUTPUT.png` reconstructs an image."
      : " `python model.py IMAGE...` classifies images."
    let needs = "Needs torch and safetensors" + (readsFiles ? "; reading files needs Pillow." : ".")
    let functional =
      builder.statements.contains { $0.contains("F.") }
      ? "\nfrom torch.nn import functional as F" : ""
    return """
      \"""A network that was trained by lecture-cnn, and exported by its command `export`.

      `load()` gives the network in evaluation mode, with the values of the safetensors file beside
      this file.\(readsFiles ? usage : "")

      \(needs)
      \"""
      \(readsFiles ? "\nimport sys" : "")
      from pathlib import Path

      import torch
      from safetensors.torch import load_file
      from torch import nn\(functional)
      """
  }

  private var constants: String {
    let shape = "(\(model.channels), \(model.height), \(model.width))"
    var lines = [
      "# The layers in lecture-cnn's notation.",
      "NOTATION = \(Self.literal(model.architecture.canonical))",
      "DATASET = \(Self.literal(model.dataset))",
      "# Channels, height and width of an image.",
      "IMAGE_SHAPE = \(shape)",
      "# Of each channel, of pixels scaled to 0...1.",
      Self.list("MEAN", Self.spread(model.mean, model.channels).map { "\($0)" }),
      Self.list("STD", Self.spread(model.std, model.channels).map { "\($0)" }),
    ]
    if !isAutoencoder { lines.append(Self.list("CLASSES", model.classNames.map(Self.literal))) }
    return lines.joined(separator: "\n")
  }

  private var network: String {
    let (channels, height, width) = (model.channels, model.height, model.width)
    let result =
      isAutoencoder
      ? "images of the same shape" : "one logit for each class, `[n, \(model.classNames.count)]`"
    return builder.classText(
      "Maps prepared images, `[n, \(channels), \(height), \(width)]`, to \(result).")
  }

  private var loading: String {
    """
    def load(path: Path | None = None) -> Network:
        \"""The network with the values of a safetensors file, in evaluation mode.\"""
        network = Network()
        network.load_state_dict(load_file(path or Path(__file__).with_suffix(".safetensors")))
        return network.eval()
    """
  }

  private var preparation: String {
    """
    def prepare(pixels: torch.Tensor) -> torch.Tensor:
        \"""The network's input for pixels 0...255, `[n, c, h, w]`: `(pixels / 255 - MEAN) / STD`.\"""
        mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in (MEAN, STD))
        return (pixels.float() / 255 - mean) / std
    """
  }

  private var reader: String {
    let mode = model.channels == 1 ? "L" : "RGB"
    let back = "(\(background), \(background), \(background), 255)"
    return """
      def read(path: str) -> torch.Tensor:
          \"""The pixels of an image file, `[1, c, h, w]`: scaled to fit, and centered on black.\"""
          from PIL import Image, ImageOps

          channels, height, width = IMAGE_SHAPE
          image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
          image = Image.alpha_composite(Image.new("RGBA", image.size, \(back)), image)
          image = ImageOps.pad(image.convert("\(mode)"), (width, height), Image.Resampling.BILINEAR)
          pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
          return pixels.reshape(1, height, width, channels).permute(0, 3, 1, 2)
      """
  }

  private var classifying: String {
    """
    @torch.inference_mode()
    def main(paths: list[str]) -> None:
        network = load()
        for path in paths:
            probabilities = network(prepare(read(path))).softmax(dim=1)[0]
            best = probabilities.topk(min(3, len(CLASSES)))
            shares = (f"{CLASSES[i]} {p:.1%}" for p, i in zip(*(b.tolist() for b in best)))
            print(f"{path}: {', '.join(shares)}")


    if __name__ == "__main__":
        main(sys.argv[1:])
    """
  }

  private var reconstructing: String {
    let pixels =
      loss == .binaryCrossEntropy
      ? "network(prepare(read(path)))[0].sigmoid()"
      : "network(prepare(read(path)))[0] * std + mean"
    let values =
      loss == .binaryCrossEntropy
      ? ""
      : "    mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in (MEAN, STD))\n"
    return """
      @torch.inference_mode()
      def main(path: str, output: str) -> None:
          from PIL import Image

          network = load()
      \(values)    pixels = \(pixels)
          pixels = (pixels * 255).round().clamp(0, 255).byte().permute(1, 2, 0)
          Image.fromarray(pixels.squeeze(2).numpy()).save(output)


      if __name__ == "__main__":
          main(*sys.argv[1:])
      """
  }

  // MARK: Python's text

  /// The text as a string of Python. JSON's strings are valid there.
  private static func literal(_ text: String) -> String { CanonicalJSON.string(text).text }

  /// `NAME = [items]`, in lines of at most 96 characters if it does not fit one.
  static func list(_ name: String, _ items: [String]) -> String {
    let line = "\(name) = [\(items.joined(separator: ", "))]"
    guard line.count > 96 else { return line }
    var lines: [String] = []
    var current = "   "
    for item in items {
      if current.count + item.count + 2 > 96, current != "   " {
        lines.append(current)
        current = "   "
      }
      current += " \(item),"
    }
    return (["\(name) = ["] + lines + [current, "]"]).joined(separator: "\n")
  }

  /// One number for each channel.
  private static func spread(_ values: [Float], _ channels: Int) -> [Float] {
    (0..<channels).map { values[$0 % values.count] }
  }
}
