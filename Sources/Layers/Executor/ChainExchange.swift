import CKernels
import Tensors

/// Joins the parameter gradients of a convolution on the whole batch, where several processes share it.
///
/// The chain of the weight gradient ends in the last process, which has added it to its gradient
/// (`WinogradConvolution+Relay.swift`) and gives it to the others in the background. With shared memory each
/// process computes a part of the chains over the whole batch. The bias gradient is a sum of lanes, as in
/// `LaneSumExchange`.
public final class ChainExchange {
  package let group: ProcessGroup
  private let weight: Parameter
  private let bias: Parameter?
  private let biasSum: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>
  private let sharedSums: SharedSums?
  /// The distance of two processes' shared scratch.
  private let scratchStride: Int
  private let weightJob: ProcessGroup.Job
  private var biasJob: ProcessGroup.Job?

  /// The floats behind a process's shared scratch that hold its ``groupImages(of:)``.
  static let trailer = 16

  /// - Parameter scratchStride: with shared memory, the distance of two processes' shared scratch in floats.
  init(weight: Parameter, bias: Parameter?, among sharing: BatchSharing, scratchStride: Int) {
    group = sharing.group
    self.weight = weight
    self.bias = bias
    self.scratchStride = scratchStride
    let (group, arena, count) = (group, sharing.memory, bias?.memoryCount ?? 0)
    sharedSums = group.shared.map { SharedSums(count: count, in: $0, arena: arena) }
    biasSum = sharedSums?.own ?? arena.floats(count)
    scratch = arena.floats(sharedSums == nil ? count : 0)
    weightJob = ProcessGroup.Job {
      group.broadcast(
        weight.gradient, count: weight.memoryCount, from: group.count - 1, on: .background)
    }
  }

  /// The memory in which processes compute together; nil if they exchange messages.
  var shared: SharedMemory? { group.shared }

  /// The shared scratch of another process; `own` is that of this one.
  func sharedScratch(
    of process: Int, own: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    own + (process - group.rank) * scratchStride
  }

  /// Tells the others the number of images of a group, which depends on the number of threads.
  func setGroupImages(_ number: Int, own: UnsafeMutablePointer<Float>) {
    own[scratchStride - Self.trailer] = Float(number)
  }

  func groupImages(of process: Int, own: UnsafeMutablePointer<Float>) -> Int {
    Int(sharedScratch(of: process, own: own)[scratchStride - Self.trailer])
  }

  /// Starts to give the last process's weight gradient to the others.
  func startWeight() {
    if shared == nil { group.start(weightJob) }
  }

  /// Zeros, to which the caller adds the sum of its lanes' bias gradients.
  func emptyBiasSum() -> UnsafeMutablePointer<Float> {
    biasSum.update(repeating: 0, count: bias?.memoryCount ?? 0)
    return biasSum
  }

  /// Starts to add the bias gradients of all processes.
  func startBias(kernels: kernels) {
    guard shared == nil else { return }
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
    guard let bias, bias.isTrained else { return }
    let count = bias.memoryCount
    if let sharedSums {
      sharedSums.add(0, count: count, to: bias.gradient, in: context)
    } else if biasJob != nil {
      context.kernels.add_lanes(biasSum, count, 1, .max, bias.gradient, count)
    }
  }
}
