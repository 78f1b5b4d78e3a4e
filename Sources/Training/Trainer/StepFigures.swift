import Layers
import Tensors

/// The losses of a micro-batch's examples, and the numbers that processes tell each other in a step.
///
/// Where several processes share a micro-batch, each writes the losses of its own examples, and all get the
/// losses of all examples in order. Their sum is therefore that of one process.
final class StepFigures {
  private let share: LaneShare
  private let processes: ProcessGroup?
  private let arena = Arena()
  /// Process by process: the losses of its examples, then ``extra`` numbers.
  private let values: UnsafeMutablePointer<Double>
  private var count = 0
  private var job: ProcessGroup.Job?

  /// The numbers of a process besides the losses: its correct predictions and its wish to stop.
  private static let extra = 2

  /// - Parameter capacity: the most examples of a micro-batch.
  init(capacity: Int, of executor: Executor) {
    share = executor.share
    processes = executor.processes
    values = arena.values(of: Double.self, capacity + Self.extra * share.processes)
  }

  /// The memory for the losses of this process's examples, of a micro-batch of `count` examples.
  func losses(count: Int) -> UnsafeMutablePointer<Double> {
    self.count = count
    return values + offset(of: share.process)
  }

  /// Starts to tell the other processes the losses and the number of correct predictions.
  func start(correct: Int?) {
    guard let processes else {
      extra(of: 0)[0] = Double(correct ?? 0)
      return
    }
    let own = extra(of: share.process)
    own[0] = Double(correct ?? 0)
    own[1] = Double(processes.wish)
    // With shared memory there is nothing to send meanwhile.
    guard processes.shared == nil else { return }
    let job =
      self.job
      ?? ProcessGroup.Job { [unowned self] in
        processes.gather(UnsafeMutableRawPointer(values), on: .background) {
          8 * offset(of: $0)
        }
      }
    self.job = job
    processes.start(job)
  }

  /// Waits until the numbers of all processes are there.
  func finish() {
    guard let processes else { return }
    if let job {
      processes.wait(for: job)
    } else {
      processes.gather(UnsafeMutableRawPointer(values), on: .foreground) { 8 * offset(of: $0) }
    }
    for process in 0..<share.processes {
      processes.agreedWish = max(processes.agreedWish, Int(extra(of: process)[1]))
    }
  }

  /// The correct predictions of all processes, after ``finish()``.
  var correct: Int {
    (0..<share.processes).reduce(0) { $0 + Int(extra(of: $1)[0]) }
  }

  /// Calls `body` with the loss of each example, in order, after ``finish()``.
  func forEachLoss(_ body: (_ loss: Double) -> Void) {
    for process in 0..<share.processes {
      let losses = values + offset(of: process)
      for i in 0..<share.examples(of: process, among: count).count { body(losses[i]) }
    }
  }

  private func offset(of process: Int) -> Int {
    process == share.processes
      ? count + Self.extra * process
      : share.examples(of: process, among: count).lowerBound + Self.extra * process
  }

  private func extra(of process: Int) -> UnsafeMutablePointer<Double> {
    values + offset(of: process) + share.examples(of: process, among: count).count
  }
}
