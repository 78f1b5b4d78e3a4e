import CKernels
import Tensors

/// Joins the parameter gradients of a convolution on the whole batch, where several processes share it.
///
/// The chain of the weight gradient ends in the last process, which has added it to its gradient
/// (`WinogradConvolution+Relay.swift`) and gives it to the others in the background. The bias gradient is
/// a sum of lanes, as in `LaneSumExchange`.
public final class ChainExchange {
  package let group: ProcessGroup
  private let weight: Parameter
  private let bias: Parameter?
  private let biasSum: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>
  private let weightJob: ProcessGroup.Job
  private var biasJob: ProcessGroup.Job?

  init(weight: Parameter, bias: Parameter?, among group: ProcessGroup, arena: Arena) {
    self.group = group
    self.weight = weight
    self.bias = bias
    biasSum = arena.floats(bias?.memoryCount ?? 0)
    scratch = arena.floats(bias?.memoryCount ?? 0)
    weightJob = ProcessGroup.Job {
      group.broadcast(
        weight.gradient, count: weight.memoryCount, from: group.count - 1, on: .background)
    }
  }

  /// Starts to give the last process's weight gradient to the others.
  func startWeight() { group.start(weightJob) }

  /// Zeros, to which the caller adds the sum of its lanes' bias gradients.
  func emptyBiasSum() -> UnsafeMutablePointer<Float> {
    biasSum.update(repeating: 0, count: bias?.memoryCount ?? 0)
    return biasSum
  }

  /// Starts to add the bias gradients of all processes.
  func startBias(kernels: kernels) {
    let (group, biasSum, scratch, count) = (group, biasSum, scratch, bias?.memoryCount ?? 0)
    let job =
      biasJob
      ?? ProcessGroup.Job {
        group.sum(biasSum, count: count, scratch: scratch, kernels: kernels, on: .background)
      }
    biasJob = job
    group.start(job)
  }

  /// Adds the sum to the bias gradient.
  func finish(in context: Context) {
    guard biasJob != nil, let bias else { return }
    let count = bias.memoryCount
    context.kernels.add_lanes(biasSum, count, 1, .max, bias.gradient, count)
  }
}
