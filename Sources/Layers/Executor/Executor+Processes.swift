import Tensors

/// What an executor exchanges with other processes that share its batches.
extension Executor {
  /// Copies the sums of the other processes' lanes to `statistics`.
  func gather(_ statistics: any StatisticsLayer) {
    guard let processes, let memory = statistics.laneSums.baseAddress else { return }
    let bytesPerProcess =
      statistics.laneSums.count / processes.count * MemoryLayout<Double>.stride
    processes.gather(UnsafeMutableRawPointer(memory), on: .foreground) { $0 * bytesPerProcess }
  }

  /// Waits for the gradients that the backward pass has started to exchange, and adds them.
  func finishExchanges() {
    guard let processes else { return }
    processes.finishJobs()
    for step in plan.backwardSteps {
      switch step {
      case .run(let run, _, _): run.exchange?.finish(in: context)
      case .layer(let step, _, _):
        switch step.exchange {
        case .gathering(let exchange): exchange.finish(in: context)
        case .chain(let exchange): exchange.finish(in: context)
        case nil: break
        }
      case .store: break
      }
    }
  }
}
