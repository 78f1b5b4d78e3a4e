import Files
import Reports
import Training

/// What a run recorded of its gradients, updates and ReLUs while it trained, as diagrams and rows.
struct RecordedStatistics {
  private let epochs: [StatisticsHistory.Epoch]
  private let rectifiers: [StatisticsHistory.Rectifiers]
  /// The names of the tensors that are shown.
  private let tensors: [String]
  /// A sentence for the user if the run recorded nothing; nil for a checkpoint of no run.
  let notice: String?

  /// - Parameter tensors: the names of the weights.
  init(of trained: TrainedModel, tensors: [String]) {
    self.tensors = tensors
    guard let run = trained.runDirectory else {
      (epochs, rectifiers, notice) = ([], [], nil)
      return
    }
    let path = "\(run)/statistics.jsonl"
    let bytes = (try? InputFile.read(path, limit: 1 << 32)) ?? []
    epochs = StatisticsHistory.epochs(in: bytes)
    rectifiers = StatisticsHistory.rectifiers(in: bytes)
    notice =
      epochs.isEmpty
      ? "no gradients and updates: \(path) records none" : nil
  }

  /// The histograms of the gradients in the last recorded step.
  func gradients(run: String) -> WeightCharts? {
    guard let last = epochs.last else { return nil }
    let shown = last.parameters.filter { tensors.contains($0.name) }
    guard !shown.isEmpty else { return nil }
    return WeightCharts(
      title: "\(run): gradients in the last step of epoch \(last.epoch)",
      tensors: shown.map {
        .init(
          name: $0.name, histogram: $0.gradient, figureName: "norm", figure: $0.gradientNorm)
      })
  }

  /// The norms of the gradients and the update ratios by epoch.
  func updates(run: String) -> WeightCharts? {
    let norms = shownTensors.map { name in
      course("gradient norm of \(name)", name, isLogarithmic: true) { $0.gradientNorm }
    }
    let ratios = shownTensors.map { name in
      course("update ratio of \(name)", name, isLogarithmic: true) { $0.ratio }
    }
    let courses = (norms + ratios).filter { !$0.points.isEmpty }
    return courses.isEmpty
      ? nil : WeightCharts(title: "\(run): the last step of each epoch", courses: courses)
  }

  /// The norms of the weights by epoch; nil if none is recorded.
  var weightCourses: [WeightCharts.Course]? {
    let courses = shownTensors.map { name in
      course("norm of \(name)", name, isLogarithmic: false) { $0.weightNorm }
    }
    return courses.isEmpty ? nil : courses
  }

  /// The dead channels by epoch; nil if none are recorded.
  var rectifierCourses: [WeightCharts.Course]? {
    guard let first = rectifiers.first, !first.layers.isEmpty else { return nil }
    return Self.rectifierCourses(rectifiers.map { (Double($0.epoch), $0.layers) })
  }

  /// The dead channels by epoch of the ReLUs that the first stage has.
  static func rectifierCourses(
    _ stages: [(epoch: Double, layers: [RectifierStatistics])]
  ) -> [WeightCharts.Course] {
    (stages.first?.layers ?? []).map(\.name).map { name in
      WeightCharts.Course(
        name: "dead in \(name) in %",
        points: stages.compactMap { stage in
          stage.layers.first { $0.name == name }.map {
            (stage.epoch, 100 * Double($0.dead) / Double($0.channels))
          }
        })
    }
  }

  /// Rows of `weights.csv`, of all parameters.
  var rows: [String] {
    epochs.flatMap { epoch in
      epoch.parameters.flatMap { parameter in
        [
          ("weight_norm", parameter.weightNorm), ("gradient_norm", parameter.gradientNorm),
          ("update_norm", parameter.updateNorm), ("update_ratio", parameter.ratio),
        ].compactMap { kind, value in
          value.map { "\(epoch.epoch),\(kind),\(parameter.name),\($0)\n" }
        }
      }
    }
      + rectifiers.flatMap { record in
        record.layers.map { layer in
          "\(record.epoch),recorded_dead,\(layer.name),\(layer.dead)\n"
            + "\(record.epoch),recorded_zeros,\(layer.name),\(layer.zeros)\n"
        }
      }
  }

  /// The shown tensors that are trained in some epoch.
  private var shownTensors: [String] {
    tensors.filter { name in
      epochs.contains { $0.parameters.contains { $0.name == name } }
    }
  }

  private func course(
    _ title: String, _ name: String, isLogarithmic: Bool,
    _ value: (ParameterUpdate) -> Double?
  ) -> WeightCharts.Course {
    WeightCharts.Course(
      name: title,
      points: epochs.compactMap { epoch in
        epoch.parameters.first { $0.name == name }.flatMap(value).map {
          (Double(epoch.epoch), $0)
        }
      }, isLogarithmic: isLogarithmic)
  }
}
