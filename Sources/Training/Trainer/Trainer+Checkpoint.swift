import Checkpoints
import Datasets
import Files
import Layers

extension Trainer {
  /// The content of a checkpoint, from which the run can be resumed. Until the next step the network holds the averages,
  /// if the run keeps some.
  ///
  /// - Parameter metrics: the length and hash of the metrics log.
  public func checkpoint(metrics: MetricsLog.Mark) -> Checkpoint {
    if progress.step == 0 { averages.begin() }
    averages.show(afterStep: progress.step)
    var tensors = network.storedTensors
    for slot in slots {
      tensors.append(
        StoredTensor(
          name: slot.name, shape: slot.parameter.layout.storedShape,
          values: slot.parameter.stored(slot.memory)))
    }
    var metadata = ModelDescription(configuration, network: network, data: data).metadata
    metadata["configuration"] = configuration.json
    metadata["data"] = data.identity.description
    metadata["seed"] = "\(configuration.seed)"
    metadata["step"] = "\(progress.step)"
    metadata["epoch"] = "\(progress.step / stepsPerEpoch)"
    metadata["epoch_loss_sum"] = "\(progress.lossSum)"
    metadata["epoch_correct"] = "\(progress.correct)"
    metadata["epoch_examples"] = "\(progress.examples)"
    metadata["metrics_length"] = "\(metrics.length)"
    metadata["metrics_sha256"] = metrics.sha256
    metadata["plateau"] = progress.plateau?.text
    if let best = progress.best {
      let accuracy = best.accuracy.map { "\($0) " } ?? ""
      metadata["best"] = "\(best.step) \(accuracy)\(best.loss)"
    }
    return Checkpoint(
      tensors: tensors.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) },
      metadata: metadata)
  }

  /// The memory of the optimizer, of averages and of the proxy.
  var slots: [OptimizerState.Value] {
    optimizer.parameters.state + averages.slots + (selection?.state ?? [])
  }

  /// The name of the first parameter or slot with a value that is not finite.
  var firstNotFinite: String? {
    let values = network.parameters.map { ($0.name, $0.values, $0.memoryCount) }
    let state = slots.map { ($0.name, $0.memory, $0.parameter.memoryCount) }
    return (values + state).first { _, memory, count in
      !(0..<count).allSatisfy { memory[$0].isFinite }
    }?.0
  }

  /// Restores the state of the run from `checkpoint`.
  ///
  /// - Returns: the length and hash of the metrics log.
  /// - Throws: `CheckpointProblem`; the run is unchanged then.
  public func restore(_ checkpoint: Checkpoint) throws(CheckpointProblem) -> MetricsLog.Mark {
    let found = try checkpoint.string("data")
    guard found == data.identity.description else {
      throw .otherData(found: found, expected: data.identity.description)
    }
    var restored = TrainingProgress()
    restored.step = try checkpoint.number("step")
    restored.lossSum = try checkpoint.number("epoch_loss_sum")
    restored.correct = try checkpoint.number("epoch_correct")
    restored.examples = try checkpoint.number("epoch_examples")
    try check(restored)
    if let best = checkpoint.metadata["best"] {
      let parts = best.split(separator: " ")
      let figures = parts.dropFirst().compactMap { Double($0) }.filter(\.isFinite)
      guard figures.count == parts.count - 1, figures.count == (task.hasAccuracy ? 2 : 1),
        let step = Int(parts[0])
      else { throw .badMetadata(key: "best", found: best) }
      restored.best = .init(
        step: step, accuracy: task.hasAccuracy ? figures[0] : nil,
        loss: figures[figures.count - 1])
    }
    if configuration.schedule.plateau != nil, let text = checkpoint.metadata["plateau"] {
      guard let state = Plateau.State(text) else {
        throw .badMetadata(key: "plateau", found: text)
      }
      restored.plateau = state
    }
    let mark = MetricsLog.Mark(
      length: try checkpoint.number("metrics_length"),
      sha256: try checkpoint.string("metrics_sha256"))
    guard mark.length >= 0 else {
      throw .badMetadata(key: "metrics_length", found: "\(mark.length)")
    }

    let state = slots
    let expected =
      network.parameters.map { ($0.name, $0.layout.storedShape) }
      + state.map { ($0.name, $0.parameter.layout.storedShape) }
    let values = try checkpoint.values(matching: expected, passingOver: { _ in false })
    for (parameter, values) in zip(network.parameters, values) {
      parameter.setValues(stored: values)
    }
    for (slot, values) in zip(state, values.dropFirst(network.parameters.count)) {
      slot.parameter.set(slot.memory, stored: values)
    }
    progress = restored
    averages.didRestore()
    return mark
  }

  /// Checks that the progress in a checkpoint is possible for this run.
  private func check(_ progress: TrainingProgress) throws(CheckpointProblem) {
    guard progress.step >= 0 else {
      throw .badMetadata(key: "step", found: "\(progress.step)")
    }
    guard progress.examples == progress.step % stepsPerEpoch * trainedPerStep else {
      throw .badMetadata(key: "epoch_examples", found: "\(progress.examples)")
    }
    guard (0...progress.examples).contains(progress.correct) else {
      throw .badMetadata(key: "epoch_correct", found: "\(progress.correct)")
    }
    guard progress.lossSum.isFinite else {
      throw .badMetadata(key: "epoch_loss_sum", found: "\(progress.lossSum)")
    }
  }
}

extension Checkpoint {
  /// The number under `key` in the metadata.
  func number<Number: LosslessStringConvertible>(
    _ key: String
  ) throws(CheckpointProblem) -> Number {
    let text = try string(key)
    guard let number = Number(text) else { throw .badMetadata(key: key, found: text) }
    return number
  }

  /// The configuration of the run that saved this checkpoint.
  public func configuration() throws(CheckpointProblem) -> Configuration {
    let text = try string("configuration")
    guard case .object(let members)? = try? StrictJSON.parse(text) else {
      throw .badMetadata(key: "configuration", found: text)
    }
    var configuration = Configuration()
    for member in members {
      guard case .string(let value) = member.value,
        (try? configuration.set(member.key, to: value)) != nil
      else { throw .badMetadata(key: "configuration", found: member.key) }
    }
    return configuration
  }
}

extension Configuration {
  /// The settings that results depend on, as stored in a checkpoint.
  var json: String {
    CanonicalJSON.object(resultSettings.map { .init($0.key, .string($0.value)) }).sorted.text
  }
}

extension Sequential {
  /// All parameters, with PyTorch's names and shapes.
  package var storedTensors: [StoredTensor] {
    parameters.map {
      StoredTensor(name: $0.name, shape: $0.layout.storedShape, values: $0.storedValues())
    }
  }
}
