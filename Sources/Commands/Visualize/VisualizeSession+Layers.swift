import Datasets
import Files
import Layers
import Reports
import Terminal
import Training
import Visualization

/// Pictures of layers: filters, and the activations of an image.
extension VisualizeSession {
  // MARK: Filters

  /// Draws the filters of every convolution, and their course over the epochs if the run drew them.
  func drawFilters() throws {
    let layers = network.filterLayers
    guard !layers.isEmpty else {
      throw Failure(
        .badData,
        "\(trained.path): the network has no filters (found no convolution, expected at least 1). "
          + "Take another network.")
    }
    let chosen = try givenLayer(among: layers, "convolution").map { [$0] } ?? layers
    for index in chosen {
      let layer = network.layers[index]
      guard let (weights, shape) = layer.filters else { continue }
      let sheet = FilterSheet(weights: weights, shape: shape)
      let figures = FilterSheet.figures(of: weights)
      try write(
        TitledPicture(
          sheet.raster, title: "\(name): filters of \(layer.name)",
          lines: [
            "\(Format.counted(shape[0], "filter")) of \(shape[2]) × \(shape[3]) over \(shape[1]) "
              + (shape[1] == 3
                ? "channels, shown as red, green and blue"
                : shape[1] == 1 ? "channel" : "channels, a block for each"),
            "black \(figures.least), white \(figures.greatest)",
          ]
        ).raster, "filters-\(layer.name)")
      try drawCourse(of: layer)
    }
  }

  /// The filters over the epochs as a picture and an animation, from the pictures of the run.
  private func drawCourse(of layer: any Layer) throws {
    guard let run = trained.runDirectory else { return }
    let names = (try? OutputFile.names(in: "\(run)/filters")) ?? []
    let strip = FilterCourse(of: layer.name, among: names).strip { picture in
      guard
        let bytes = try? InputFile.read("\(run)/filters/\(picture.name)", limit: 1 << 24),
        let image = try? ImageReader.image(bytes)
      else { return nil }
      return Raster(image)
    }
    guard let strip else { return }
    try write(strip.contactSheet, "filters-\(layer.name)-epochs")
    try write(strip.animation(), "filters-\(layer.name)-animated", suffix: "png")
  }

  // MARK: Activations

  /// Draws what each layer makes of an image.
  func drawActivations() throws {
    let layers = network.shownLayers
    let chosen = try givenLayer(among: layers, "layer").map { [$0] } ?? layers
    let shown = try shownImage()
    let probed = ProbedNetwork(
      network, watching: chosen, capacity: 1, givesGradients: false, context: context)
    _ = probed.forward(shown.input)
    for index in chosen
    where !probed.activations(ofLayer: index, count: 1).allSatisfy(\.isFinite) {
      throw Failure(
        .notFinite,
        "\(trained.path): an output of \(network.layers[index].name) is not finite. "
          + "Take an earlier checkpoint.")
    }
    try write(
      TitledPicture(
        shown.raster.enlarged(by: max(1, 280 / max(shown.raster.width, shown.raster.height))),
        title: shown.title, lines: ["the input of \(name)"]
      ).raster, "\(shown.stem)-00-input")
    for index in chosen {
      let shape = Array(network.outputShapes[index].array.dropFirst())
      let values = probed.activations(ofLayer: index, count: 1)
      let isLast = index == network.shownLayers.last && !network.isAutoencoder
      let sheet = ActivationSheet(
        layer: network.layers[index].name, shape: shape,
        values: values, names: isLast ? classNames : nil)
      let number = layers.firstIndex(of: index).map { $0 + 1 } ?? 0
      try write(
        sheet.raster,
        "\(shown.stem)-\(number < 10 ? "0" : "")\(number)-\(network.layers[index].name)")
    }
  }
}

extension Layer {
  /// The filters of a convolution and their shape `[output channels, input channels, height, width]`; nil for
  /// any other layer. A filter of one dimension is a row.
  fileprivate var filters: (weights: [Float], shape: [Int])? {
    guard let weight = parameters.first else { return nil }
    let shape = weight.layout.storedShape
    switch shape.count {
    case 4: return (weight.storedValues(), shape)
    case 3: return (weight.storedValues(), [shape[0], shape[1], 1, shape[2]])
    default: return nil
    }
  }
}
