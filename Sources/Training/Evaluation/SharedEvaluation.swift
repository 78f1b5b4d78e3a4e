import Tensors

/// An evaluation of which each process computes some of the examples.
///
/// An example's results do not depend on the others, so that all processes get those of one process.
struct SharedEvaluation {
  private let indices: [Int]
  private let processes: ProcessGroup
  private let hasAccuracy: Bool

  init(of indices: [Int], among processes: ProcessGroup, hasAccuracy: Bool) {
    self.indices = indices
    self.processes = processes
    self.hasAccuracy = hasAccuracy
  }

  /// The results of all examples.
  ///
  /// - `evaluate`: computes some of them.
  /// - Throws: the error that one process would meet first; all processes throw it.
  func outcome(
    labels: [Int],
    _ evaluate: (_ indices: [Int]) throws(NotFiniteError) -> Evaluator.Outcome
  ) throws(NotFiniteError) -> Evaluator.Outcome {
    // For each process: 1 if it failed, then a prediction and a loss for each example.
    var values = [Double](repeating: 0, count: offset(of: processes.count))
    let own = range(of: processes.rank)
    let first = offset(of: processes.rank)
    do throws(NotFiniteError) {
      let outcome = try evaluate(Array(indices[own]))
      for i in 0..<own.count {
        values[first + 1 + 2 * i] = Double(outcome.predictions?[i] ?? 0)
        values[first + 2 + 2 * i] = outcome.losses[i]
      }
    } catch {
      values[first] = 1
    }
    values.withUnsafeMutableBytes { bytes in
      processes.gather(bytes.baseAddress!, on: .foreground) { 8 * offset(of: $0) }
    }
    guard (0..<processes.count).allSatisfy({ values[offset(of: $0)] == 0 }) else {
      return try evaluate(indices)
    }
    var (predictions, losses): ([Int], [Double]) = ([], [])
    for process in 0..<processes.count {
      for i in 0..<range(of: process).count {
        predictions.append(Int(values[offset(of: process) + 1 + 2 * i]))
        losses.append(values[offset(of: process) + 2 + 2 * i])
      }
    }
    return Evaluator.Outcome(
      labels: labels, predictions: hasAccuracy ? predictions : nil, losses: losses, logits: nil,
      singleView: nil)
  }

  private func range(of process: Int) -> Range<Int> {
    LaneShare.part(process, of: processes.count, among: indices.count)
  }

  private func offset(of process: Int) -> Int {
    2 * range(of: process).lowerBound + process
  }
}
