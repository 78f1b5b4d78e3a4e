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

  /// True if this process adds gradients that every process has computed.
  var addsSharedGradients: Bool { processes?.shared == nil || share.process == 0 }

  /// Waits for the gradients that the backward pass has started to exchange, and adds them. With shared memory
  /// each process adds a part of them, between two barriers.
  func finishExchanges() {
    guard let processes else { return }
    processes.finishJobs()
    processes.shared?.barrier()
    defer { processes.shared?.barrier() }
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
