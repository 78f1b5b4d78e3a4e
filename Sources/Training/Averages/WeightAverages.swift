import Layers
import Tensors

/// The averages of a run's parameters: lookahead's, and the one that is the model.
///
/// Between two steps the network holds the average that is the model, if it is *shown*; then the
/// other memory holds the parameters that training continues with. The memory is allocated once, and
/// checkpoints hold it beside the optimizer's state:
///
/// - `optim.<parameter>.lookahead`, the average of lookahead;
/// - `optim.<parameter>.trained`, the parameters, as the model's own tensors hold their average.
final class WeightAverages {
  private let lookahead: Lookahead?
  private let slow: SecondValues?
  private let model: ModelAverage?
  private let other: SecondValues?
  private let stepsPerEpoch: Int
  private let totalSteps: Int
  private let context: Context
  /// True if the network's values are the average.
  private(set) var isShown = false

  init(
    of network: Sequential, _ configuration: Configuration, stepsPerEpoch: Int, totalSteps: Int,
    context: Context, in shared: SharedMemory? = nil
  ) {
    lookahead = configuration.lookahead
    slow = configuration.lookahead.map { _ in
      SecondValues(of: network, slot: "lookahead", in: shared)
    }
    model = configuration.modelAverage
    other = configuration.modelAverage.map { _ in
      SecondValues(of: network, slot: "trained", in: shared)
    }
    self.stepsPerEpoch = stepsPerEpoch
    self.totalSteps = totalSteps
    self.context = context
  }

  /// True if ``show(afterStep:)`` may change the network's values.
  var changesModel: Bool { other != nil }

  /// All memory, for checkpoints.
  var slots: [OptimizerState.Value] { (slow?.slots ?? []) + (other?.slots ?? []) }

  /// Starts all averages at the network's values, before the first step.
  func begin() {
    slow?.copyFromNetworkAlone(in: context)
    other?.copyFromNetworkAlone(in: context)
    isShown = false
  }

  /// Updates the averages after step number `step`, while nothing is shown.
  func update(afterStep step: Int) {
    precondition(!isShown, "averages are updated from the trained parameters")
    if let lookahead, let slow {
      if step == lookahead.start(stepsPerEpoch: stepsPerEpoch) {
        slow.copyFromNetwork(in: context)
      } else if lookahead.isDue(afterStep: step, stepsPerEpoch: stepsPerEpoch) {
        let decay = lookahead.decay(afterStep: step, of: totalSteps)
        slow.blend(weight: Float(1 - decay), in: context)
        slow.copyToNetwork(in: context)
      }
      if step == totalSteps { slow.copyToNetwork(in: context) }
    }
    if let other, let weight = model?.weight(afterStep: step, stepsPerEpoch: stepsPerEpoch) {
      if weight == 1 {
        other.copyFromNetwork(in: context)
      } else {
        other.blend(weight: Float(weight), in: context)
      }
    }
  }

  /// Puts the average into the network after step number `step`, if it is not there.
  func show(afterStep step: Int) {
    guard let model, let other, !isShown else { return }
    if model.hasBegun(afterStep: step, stepsPerEpoch: stepsPerEpoch) {
      other.exchangeWithNetwork(in: context)
    } else {
      other.copyFromNetworkAlone(in: context)
    }
    isShown = true
  }

  /// Puts the parameters that are trained back into the network.
  func hide() {
    guard let other, isShown else { return }
    other.exchangeWithNetwork(in: context)
    isShown = false
  }

  /// Tells that a checkpoint was restored, which holds the network with its average.
  func didRestore() { isShown = other != nil }
}
