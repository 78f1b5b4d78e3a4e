import Checkpoints
import Datasets
import Files
import Layers
import Reports
import Terminal
import Training
import Visualization

extension VisualizeSession {
  /// Draws histograms of the weights, and counts dead ReLUs over test images; both also for the other
  /// checkpoints of the run.
  func drawWeights() throws {
    let figures = WeightFigures(network)
    guard !figures.tensors.isEmpty else {
      throw Failure(
        .badData, "\(trained.path): the network has no weights. Take another network.")
    }
    let histograms = WeightCharts(title: "\(name): weights", tensors: figures.tensors)
    try write(histograms.raster, "weights")
    try write(histograms.svg, "weights", suffix: "svg")

    let data = network.rectifiers.isEmpty ? nil : try data()
    let stages = try checkpoints().map { stage in
      (
        epoch: stage.epoch, figures: WeightFigures(stage.network),
        relus: data.map { relus(of: stage.network, $0) } ?? []
      )
    }
    let rows = stages.flatMap { stage in
      stage.figures.tensors.map { tensor in
        "\(stage.epoch.plain),weight,\(tensor.name),\(tensor.std)\n"
      }
        + stage.relus.map { relu in
          "\(stage.epoch.plain),dead,\(relu.name),\(relu.dead)\n"
            + "\(stage.epoch.plain),zeros,\(relu.name),\(relu.silentShare)\n"
        }
    }
    try write("epoch,kind,name,value\n" + rows.joined(), "weights", suffix: "csv")
    if stages.count > 1 {
      let courses =
        figures.tensors.map(\.name).map { name in
          WeightCharts.Course(
            name: "std of \(name)",
            points: stages.compactMap { stage in
              stage.figures.tensors.first { $0.name == name }.map { (stage.epoch, $0.std) }
            })
        }
        + (stages[0].relus.map(\.name)).map { name in
          WeightCharts.Course(
            name: "dead in \(name) in %",
            points: stages.compactMap { stage in
              stage.relus.first { $0.name == name }.map {
                (stage.epoch, 100 * Double($0.dead) / Double($0.count))
              }
            })
        }
      let chart = WeightCharts(title: "\(name): by epoch", courses: courses)
      try write(chart.raster, "epochs")
      try write(chart.svg, "epochs", suffix: "svg")
    }
    if let last = stages.last?.relus, !last.isEmpty { try StandardStream.output.write(table(last)) }
  }

  /// A layer of ReLU over the test images.
  private struct Rectifier {
    let name: String
    /// The number of channels, and of those that no image makes active.
    let count: Int
    let dead: Int
    let silentShare: Double
    let images: Int
  }

  private func relus(of network: Sequential, _ data: EvaluationData) -> [Rectifier] {
    let activity = ChannelActivity(
      network, layers: network.rectifiers, on: limited(data), of: data.images,
      trained.normalization, peaks: 0, context: context)
    return activity.layers.map { layer in
      Rectifier(
        name: layer.name, count: layer.silentImages.count,
        dead: layer.deadChannels(among: activity.images).count, silentShare: layer.silentShare,
        images: activity.images)
    }
  }

  private func table(_ relus: [Rectifier]) -> String {
    var table = TextTable([
      .init("ReLU"), .init("channels", .right), .init("dead", .right),
      .init("zeros of all activations", .right),
    ])
    for relu in relus {
      table.add([
        relu.name, Format.count(relu.count), Format.count(relu.dead),
        Format.percent(relu.silentShare, decimals: 1),
      ])
    }
    return
      "\n\(table.text)\nA dead channel is 0 in all of \(Format.count(relus[0].images)) test images.\n"
  }

  /// The networks of the run's checkpoints in the order of their steps, or the one network.
  private func checkpoints() throws -> [(epoch: Double, network: Sequential)] {
    let own = (epoch: Double(trained.epoch ?? 0), network: network)
    guard let run = trained.runDirectory, OutputFile.isFolder(options.source) else { return [own] }
    let store = CheckpointStore(directory: "\(run)/checkpoints")
    let steps = (try? store.steps()) ?? []
    let stages = steps.compactMap { step -> (epoch: Double, network: Sequential)? in
      guard let model = try? TrainedModel(store.path(step: step), best: false) else { return nil }
      return (model.epoch.map(Double.init) ?? Double(step), model.network)
    }
    return stages.isEmpty ? [own] : stages
  }
}

extension Double {
  /// A whole number without a decimal point.
  fileprivate var plain: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
