import Checkpoints
import Datasets
import Files
import Layers
import Reports
import Terminal
import Training
import Visualization

extension VisualizeSession {
  /// Draws histograms of the weights and of the recorded gradients, their course by epoch, and counts dead
  /// ReLUs over test images.
  func drawWeights() throws {
    let figures = WeightFigures(network)
    guard !figures.tensors.isEmpty else {
      throw Failure(
        .badData, "\(trained.path): the network has no weights. Take another network.")
    }
    try write(WeightCharts(title: "\(name): weights", tensors: figures.tensors), "weights")
    let names = figures.tensors.map(\.name)
    let record = RecordedStatistics(of: trained, tensors: names)
    if let gradients = record.gradients(run: name) { try write(gradients, "gradients") }
    if let updates = record.updates(run: name) { try write(updates, "updates") }

    let data = network.rectifiers.isEmpty ? nil : try data()
    let stages = try checkpoints().map { stage in
      Stage(
        epoch: stage.epoch, figures: WeightFigures(stage.network),
        relus: data.map { relus(of: stage.network, $0) } ?? [])
    }
    try write(
      "epoch,kind,name,value\n" + stages.flatMap(\.rows).joined() + record.rows.joined(),
      "weights", suffix: "csv")
    let courses =
      (record.weightCourses ?? Self.deviations(of: names, in: stages))
      + (record.rectifierCourses
        ?? RecordedStatistics.rectifierCourses(stages.map { ($0.epoch, $0.relus) }))
    if courses.contains(where: { $0.points.count > 1 }) {
      try write(WeightCharts(title: "\(name): by epoch", courses: courses), "epochs")
    }
    if let data, let last = stages.last?.relus, !last.isEmpty {
      try StandardStream.output.write(table(last, images: limited(data).count))
    }
    if let notice = record.notice { try StandardStream.output.write("\n\(notice)\n") }
  }

  private func write(_ charts: WeightCharts, _ name: String) throws {
    try write(charts.raster, name)
    try write(charts.svg, name, suffix: "svg")
  }

  /// A checkpoint of the run.
  private struct Stage {
    let epoch: Double
    let figures: WeightFigures
    let relus: [RectifierStatistics]

    var rows: [String] {
      figures.tensors.map { "\(epoch.plain),weight,\($0.name),\($0.figure)\n" }
        + relus.map { relu in
          "\(epoch.plain),dead,\(relu.name),\(relu.dead)\n"
            + "\(epoch.plain),zeros,\(relu.name),\(relu.zeros)\n"
        }
    }
  }

  private static func deviations(
    of names: [String], in stages: [Stage]
  ) -> [WeightCharts.Course] {
    names.map { name in
      WeightCharts.Course(
        name: "std of \(name)",
        points: stages.compactMap { stage in
          stage.figures.tensors.first { $0.name == name }.map { (stage.epoch, $0.figure) }
        })
    }
  }

  private func relus(of network: Sequential, _ data: EvaluationData) -> [RectifierStatistics] {
    ChannelActivity(
      network, layers: network.rectifiers, on: limited(data), of: data.images,
      trained.normalization, peaks: 0, context: context
    ).rectifiers
  }

  private func table(_ relus: [RectifierStatistics], images: Int) -> String {
    var table = TextTable([
      .init("ReLU"), .init("channels", .right), .init("dead", .right),
      .init("zeros of all activations", .right),
    ])
    for relu in relus {
      table.add([
        relu.name, Format.count(relu.channels), Format.count(relu.dead),
        Format.percent(relu.zeros, decimals: 1),
      ])
    }
    return
      "\n\(table.text)\nA dead channel is 0 in all of \(Format.counted(images, "test image")).\n"
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
