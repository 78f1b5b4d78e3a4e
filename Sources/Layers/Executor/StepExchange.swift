import Tensors

/// What processes exchange in each step for a part of a network, if they share the batches.
package enum StepExchange: Equatable, Sendable {
  /// The gradients of neighboring layers that sum by lanes.
  case laneSum(floats: Int)
  /// The sums of batch normalization in one pass.
  case statistics(doublesPerLane: Int)
  /// The examples, of some rows each, and the weight gradient of a matrix product.
  case gathering(pixels: Int, inputs: Int, outputs: Int, givesInputGradient: Bool)
  /// The chain of the weight gradient of a convolution on the whole batch, piece by piece, and its result.
  case chain(pieces: Int, floats: Int, weight: Int)
  /// The losses of the examples, and two numbers for each process.
  case losses

  /// The barriers of a step besides those of its exchanges, with shared memory: before the step, after the
  /// gradient is set to 0, before and after the sums of lanes are added, and after the norm and the update.
  package static let otherBarriers = 6

  /// The barriers of a step of `batch` examples, where the processes of one host share memory and send nothing.
  package func barriers(processes: Int, batch: Int) -> Int {
    switch self {
    case .laneSum: 0
    case .statistics(let doubles):
      SharedMemory.barriers(toGather: 8 * doubles * Context.laneCount)
    // Before and after the outputs are computed, before the weight gradient, and after ∂x.
    case .gathering(_, _, _, let givesInputGradient): givesInputGradient ? 4 : 3
    // Before the chains, after them, and after the weight gradient.
    case .chain: 3
    case .losses: SharedMemory.barriers(toGather: 8 * (batch + 2 * processes))
    }
  }

  /// What process `rank` sends in a step of `batch` examples, where the processes send messages.
  package func traffic(rank: Int, processes: Int, batch: Int) -> ProcessGroup.Traffic {
    typealias Traffic = ProcessGroup.Traffic
    let share = LaneShare(process: rank, of: processes)
    func first(_ process: Int) -> Int {
      process == processes ? batch : share.examples(of: process, among: batch).lowerBound
    }
    func gathering(_ offset: (_ process: Int) -> Int) -> Traffic {
      Traffic.ofGathering(position: rank, processes: processes, offset: offset)
    }
    switch self {
    case .laneSum(let floats):
      return .ofSum(count: floats, rank: rank, processes: processes)
    case .statistics(let doubles):
      return gathering { 8 * doubles * Context.laneCount / processes * $0 }
    case .gathering(let pixels, let inputs, let outputs, _):
      let width = PanelMatrix.paddedCount(outputs)
      return gathering { 4 * pixels * inputs * first($0) }
        + gathering { 4 * pixels * outputs * first($0) }
        + gathering { 4 * width * (inputs * $0 / processes) }
    case .chain(let pieces, let floats, let weight):
      let relay =
        rank < processes - 1 ? Traffic(messages: pieces, bytes: 4 * floats) : Traffic()
      return relay
        + .ofBroadcast(count: weight, from: processes - 1, rank: rank, processes: processes)
    case .losses:
      return gathering { 8 * (first($0) + 2 * $0) }
    }
  }
}

extension Executor {
  /// What processes that share a batch exchange in each step, in no particular order.
  package var exchanges: [StepExchange] {
    var exchanges = [StepExchange.losses]
    func add(_ statistics: (any StatisticsLayer)?) {
      guard let statistics else { return }
      exchanges.append(
        .statistics(doublesPerLane: statistics.laneSums.count / Context.laneCount))
    }
    for unit in plan.units { add(unit.statistics) }
    for step in plan.backwardSteps {
      switch step {
      case .run(let run, _, _):
        add(run.statistics)
        let floats = run.steps.flatMap(\.parameters).reduce(0) { $0 + $1.memoryCount }
        if floats > 0 { exchanges.append(.laneSum(floats: floats)) }
      case .layer(let step, _, _): exchanges += self.exchanges(of: step)
      case .store: break
      }
    }
    return exchanges
  }

  private func exchanges(of step: BatchStep) -> [StepExchange] {
    guard step.layer.isTrained else { return [] }
    if let layer = step.layer as? any GatheringLayer {
      return [
        .gathering(
          pixels: layer.pixels, inputs: layer.inputs, outputs: layer.outputs,
          givesInputGradient: step.needsInputGradient)
      ]
    }
    guard let convolution = step.layer as? Convolution2D else { return [] }
    var exchanges: [StepExchange] = []
    if convolution.weight.isTrained, let chain = convolution.chain(for: step.layerInput) {
      exchanges.append(
        .chain(
          pieces: chain.pieces, floats: chain.floats, weight: convolution.weight.memoryCount))
    }
    if let bias = convolution.bias, bias.isTrained {
      exchanges.append(.laneSum(floats: bias.memoryCount))
    }
    return exchanges
  }
}
