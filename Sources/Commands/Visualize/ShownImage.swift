import Datasets
import Files
import Reports
import Terminal
import Training
import Visualization

/// The image that a picture is about.
struct ShownImage {
  /// The start of the names of its files.
  let stem: String
  /// `test image 7, true class 9`
  let title: String
  let raster: Raster
  /// Normalized, `[h, w, c]`.
  let input: [Float]
}

extension VisualizeSession {
  /// The image of `--image` or `--index`.
  func shownImage() throws -> ShownImage {
    try checkPictures()
    if let path = options.image { return try image(at: path) }
    let data = try data()
    let index = options.index ?? 0
    guard index < data.images.count else {
      throw Failure(
        .usage,
        "--index: no such image (found \(index), expected 0 to \(data.images.count - 1)). "
          + "Give another --index.")
    }
    let label = classNames[Int(data.images.labels[index])]
    let isSample = data.isSample ? " of the sample" : ""
    return ShownImage(
      stem: "test-\(index)", title: "test image \(index)\(isSample), true class \(label)",
      raster: Raster(data.images, index),
      input: trained.normalization.normalized(data.images.pixels(of: [index])))
  }

  private func image(at path: String) throws -> ShownImage {
    let model = trained.model
    let preparation = ImagePreparation(
      height: model.height, width: model.width, channels: model.channels,
      background: trained.configuration.background, digits: trained.isOfDigits ? .auto : .none)
    let prepared = try preparation.read([path][...])[0].get()
    if prepared.isDigit {
      Notice.warning(
        "\(path): dark on bright, unlike the training data. It was inverted, cropped and centered as "
          + "the images of MNIST.")
    }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    return ShownImage(
      stem: stem.fileName, title: file,
      raster: Raster(
        width: model.width, height: model.height, channels: model.channels,
        pixels: prepared.pixels),
      input: trained.normalization.normalized(prepared.pixels))
  }
}
