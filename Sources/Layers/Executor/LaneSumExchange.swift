import Tensors

/// Adds the gradients that lanes have summed, where several processes have some of the lanes each.
///
/// A process adds the sums of its lanes, which are a subtree of the lanes' tree. ``ProcessGroup`` adds the
/// sums of the subtrees in the background, while the backward pass goes on. With shared memory the processes
/// add them after the backward pass, each for a part of the elements. The result is added to the
/// gradient as one process adds its tree.
final class LaneSumExchange {
  private let parameters: [Parameter]
  private let group: ProcessGroup
  /// The sums of all parameters, one behind the other.
  private let sums: UnsafeMutablePointer<Float>
  private let count: Int
  /// Nil with shared memory.
  private let scratch: UnsafeMutablePointer<Float>?
  private let sharedSums: SharedSums?
  private var job: ProcessGroup.Job?

  /// - Returns: nil if there are no parameters.
  init?(of parameters: [Parameter], among sharing: BatchSharing) {
    guard !parameters.isEmpty else { return nil }
    self.parameters = parameters
    group = sharing.group
    let (count, arena) = (parameters.reduce(0) { $0 + $1.memoryCount }, sharing.memory)
    self.count = count
    sharedSums = group.shared.map { SharedSums(count: count, in: $0, arena: arena) }
    sums = sharedSums?.own ?? arena.floats(count)
    scratch = sharedSums == nil ? arena.floats(count) : nil
  }

  /// Adds the lanes of this process, and starts to add the sums of all processes.
  ///
  /// - Parameter occupied: the lanes of all processes that have examples, a bit for each.
  func start(occupied: UInt64, in context: Context) {
    var start = sums
    for parameter in parameters {
      parameter.sumLanes(group.share.lanes, occupied: occupied, into: start, in: context)
      start += parameter.memoryCount
    }
    guard let scratch else { return }
    let (group, sums, count) = (group, sums, count)
    let kernels = context.kernels
    let job =
      self.job
      ?? ProcessGroup.Job {
        group.sum(sums, count: count, scratch: scratch, kernels: kernels, on: .background)
      }
    self.job = job
    group.start(job)
  }

  /// Adds the sums to the gradients.
  func finish(in context: Context) {
    var start = 0
    for parameter in parameters {
      if let sharedSums {
        sharedSums.add(
          start, count: parameter.memoryCount, to: parameter.gradient, in: context)
      } else {
        add(sums + start, to: parameter, in: context)
      }
      start += parameter.memoryCount
    }
  }

  private func add(
    _ sum: UnsafeMutablePointer<Float>, to parameter: Parameter, in context: Context
  ) {
    parameter.forEachBlock(in: context) { start, size in
      context.kernels.add_lanes(sum + start, size, 1, .max, parameter.gradient + start, size)
    }
  }
}
