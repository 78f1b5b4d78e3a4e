import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// The results of a loss for some outputs and targets.
struct LossRun {
  let losses: [Double]
  let gradient: [Float]

  /// The desired outputs.
  enum Target {
    case values([Float])
    case labels([Int], smoothing: Double = 0)
    case mixed([Int], [Int], shares: [Float], smoothing: Double = 0)
  }

  /// - Parameter batchSize: N; the number of examples if nil.
  init(
    _ loss: Loss, _ outputs: [Float], shape: Shape, _ target: Target, batchSize: Int? = nil,
    wantsGradient: Bool = true, kernelSet: KernelSet = .best, threads: Int = 2
  ) {
    let arena = Arena()
    let count = shape[0]
    let tensor = arena.tensor(shape)
    _ = tensor.elements.update(fromContentsOf: outputs)
    let slopes = arena.tensor(shape)
    slopes.fill(with: 99)
    let memory = arena.values(of: Double.self, count)
    let targets: Targets =
      switch target {
      case .values(let values): .values(Tensor(shape, at: arena.copy(values)))
      case .labels(let labels, let smoothing):
        .classes(ClassTargets(borrowing: arena.labels(labels), smoothing: smoothing))
      case .mixed(let labels, let others, let shares, let smoothing):
        .classes(
          ClassTargets(
            borrowing: arena.labels(labels),
            mixed: (
              arena.labels(others),
              UnsafeBufferPointer(start: arena.copy(shares), count: shares.count)
            ), smoothing: smoothing))
      }
    loss.evaluate(
      tensor, targets, batchSize: batchSize ?? count, losses: memory,
      gradient: wantsGradient ? slopes : nil,
      in: Context(threadCount: threads, kernelSet: kernelSet))
    losses = (0..<count).map { memory[$0] }
    gradient = Array(slopes.elements)
    withExtendedLifetime(arena) {}
  }
}

extension Arena {
  func copy(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let memory = floats(values.count)
    memory.update(from: values, count: values.count)
    return memory
  }

  func labels(_ labels: [Int]) -> UnsafeBufferPointer<Int32> {
    let memory = values(of: Int32.self, labels.count)
    for (index, label) in labels.enumerated() { memory[index] = Int32(label) }
    return UnsafeBufferPointer(start: memory, count: labels.count)
  }
}
