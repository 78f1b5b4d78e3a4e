import Datasets
import Files
import Layers
import Reports
import Terminal
import Training
import Visualization

/// Pictures about many images: active channels, mistakes, and the embedding.
extension VisualizeSession {
  // MARK: Channels

  /// Draws the images in which the channels of a layer are most active.
  func drawChannels() throws {
    try checkPictures()
    let layers = network.shownLayers
    let convolution = layers.last { network.layers[$0] is any ConvolutionLayer }
    guard let layer = try givenLayer(among: layers, "layer") ?? convolution ?? layers.first else {
      throw Failure(.badData, "\(trained.path): the network has no layers. Take another network.")
    }
    let shape = network.outputShapes[layer]
    let channels = shape[shape.rank - 1]
    if let channel = options.channel, channel >= channels {
      throw Failure(
        .usage,
        "--channel: no such channel of \(network.layers[layer].name) (found \(channel), expected 0 to "
          + "\(channels - 1)). Give another --channel.")
    }
    let data = try data()
    let indices = limited(data)
    let activity = ChannelActivity(
      network, layers: [layer], on: indices, of: data.images, trained.normalization,
      peaks: options.count ?? 8, context: context)
    let chosen = options.channel.map { [$0] } ?? Array(0..<min(12, channels))
    let peaks = chosen.map { channel in
      activity.layers[0].peaks[channel].filter { $0.value > 0 }
    }
    let maps = ChannelMaps(
      network, layer: layer, of: data.images, trained.normalization,
      isMap: network.mappedLayers.contains(layer), context: context)
    let rows = zip(chosen, peaks).map { channel, peaks in
      ChannelSheet.Row(
        name: "channel \(channel)",
        cells: peaks.map { peak in
          ChannelSheet.Cell(
            image: Raster(data.images, peak.image),
            caption: "\(peak.image): \(Format.significant(Double(peak.value), digits: 3))",
            map: maps.map(image: peak.image, channel: channel))
        })
    }
    let layerName = network.layers[layer].name
    let sheet = ChannelSheet(
      title: "\(layerName): the most active of \(Format.counted(indices.count, "test image"))",
      rows: rows)
    try write(
      sheet.raster, layerName + (options.channel.map { "-channel-\($0)" } ?? ""))
  }

  // MARK: Mistakes

  /// Draws the mistakes of the largest loss, and lists them.
  func drawWorst() throws {
    try checkClassifier()
    try checkPictures()
    let data = try data()
    let evaluator = Evaluator(network, loss: trained.configuration.loss, context: context)
    let outcome = try evaluator.evaluate(
      data.indices, of: data.images, normalization: trained.normalization, keepingLogits: true)
    guard let predictions = outcome.predictions, let logits = outcome.logits else { return }
    let result = ClassificationResult(
      report: ClassificationReport(
        labels: outcome.labels, predictions: predictions, losses: outcome.losses,
        classNames: classNames),
      examples: ClassifiedExamples(
        indices: data.indices, labels: outcome.labels, predictions: predictions,
        losses: outcome.losses, logits: logits, classes: classNames.count),
      singleView: nil, images: data.images, fileNames: data.fileNames)
    let count = options.count ?? ClassificationResult.worstCount
    guard let sheet = result.worstSheet(count) else {
      try StandardStream.output.write(
        "no mistake among \(Format.counted(data.indices.count, "test image"))\n")
      return
    }
    let shown = min(count, result.mistakes.count)
    try write(
      TitledPicture(
        sheet,
        title: "\(name): the \(shown == 1 ? "mistake" : "\(shown) mistakes") of the largest loss",
        lines: [
          "of \(Format.count(result.mistakes.count)) among "
            + Format.counted(data.indices.count, "test image")
        ]
      ).raster, "worst")
    try write(result.worstCSV(count), "worst", suffix: "csv")
  }

  // MARK: Embedding

  /// Draws the last features of test images on a plane.
  func drawEmbedding() throws {
    guard let layer = network.featureLayer else {
      throw Failure(
        .badData, "\(trained.path): the network has no layer with weights. Take another network.")
    }
    let data = try data()
    let indices = limited(data)
    guard indices.count >= 4 else {
      throw Failure(
        .badData,
        "\(data.title): too few test images (found \(indices.count), expected 4 or more). "
          + "Give another --dataset.")
    }
    let features = FeatureRows(
      network, layer: layer, on: indices, of: data.images, trained.normalization, context: context)
    guard features.areFinite else {
      throw Failure(
        .notFinite, "\(trained.path): a feature is not finite. Take an earlier checkpoint.")
    }
    let gram = GramMatrix(features.values, count: indices.count, context: context)
    let components = PrincipalComponents(gram, components: 2, context: context)
    let map = StochasticNeighborEmbedding(
      gram, perplexity: options.perplexity ?? 30, seed: options.seed ?? 1, context: context)
    let labels = indices.map { Int(data.images.labels[$0]) }
    let isMistake = features.predictions.map { predictions in
      zip(labels, predictions).map { $0 != $1 }
    }
    let layerName = layer < 0 ? "the input" : network.layers[layer].name
    let explained = components.explained.map { Format.percent($0, decimals: 1) }
    let source =
      Format.counted(indices.count, "test image") + ", "
      + Format.counted(features.width, "feature")
    for (method, points, note) in [
      ("pca", components.scores, "the axes explain \(explained[0]) and \(explained[1])"),
      ("tsne", [map.x, map.y], "perplexity \(Format.significant(map.perplexity, digits: 3))"),
    ] {
      let plot = ScatterPlot(
        title: "\(name): \(method == "pca" ? "PCA" : "t-SNE") of \(layerName)",
        subtitle: "\(source), \(note)",
        points: indices.indices.map { row in
          .init(
            x: points[0][row], y: points[1][row], label: labels[row],
            isMistake: isMistake?[row] ?? false)
        }, names: classNames)
      try write(plot.raster, method)
      try write(plot.svg, method, suffix: "svg")
    }
    try write(
      ScatterPlot.csv(
        indices: indices, labels: labels, predictions: features.predictions,
        columns: [
          ("pca_1", components.scores[0]), ("pca_2", components.scores[1]), ("tsne_1", map.x),
          ("tsne_2", map.y),
        ]), "embedding", suffix: "csv")
  }
}
