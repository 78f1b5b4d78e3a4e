import Tensors

/// Runs a network one layer after the other on single examples, to show every layer's output.
///
/// An ``Executor`` fuses layers and keeps most outputs in the cache for a moment only. Here each layer
/// has an executor of its own for one example. Fusion, chunks and batches change no bits, so the
/// outputs are those of the whole network.
public final class LayerWalk {
  public let network: Sequential
  private let context: Context
  /// The executor of each layer; nil for a layer that only changes the shape, that does nothing in
  /// evaluation, or that is an end of a residual block.
  private let executors: [Executor?]

  public init(_ network: Sequential, context: Context) {
    self.network = network
    self.context = context
    executors = network.layers.enumerated().map { index, layer in
      if layer is any ViewLayer || layer.isIdentityInEvaluation || layer.residualEnd != nil {
        return nil
      }
      do throws(ShapeError) {
        let single = try Sequential([layer], inputShape: network.inputShape(ofLayer: index))
        return Executor(single, capacity: 1, training: false, context: context)
      } catch { preconditionFailure("\(error)") }
    }
  }

  /// Computes the outputs for the example `x`, which has the network's input shape.
  ///
  /// - `visit`: called for each layer in order with its index and its output, of the shape
  ///   ``Sequential/outputShapes`` and valid during the call. Layers that only change the shape, that
  ///   do nothing in evaluation, or that begin a residual block return their input and are left out.
  public func forward(_ x: Tensor, visit: (_ layer: Int, _ output: Tensor) -> Void) {
    precondition(x.count == network.inputShape.count, "\(x.shape) for \(network.inputShape)")
    let arena = Arena()
    var current = copy(x, arena)
    var blockInputs: [Tensor] = []
    for (index, layer) in network.layers.enumerated() {
      let shape = network.outputShapes[index]
      switch layer.residualEnd {
      case .branch:
        blockInputs.append(current)
        continue
      case .sum:
        let sum = Tensor(shape, at: arena.floats(shape.count))
        context.kernels.add(current.base, blockInputs.removeLast().base, sum.base, shape.count)
        current = sum
      case nil:
        guard let executor = executors[index] else {
          current = current.reshaped(to: shape)
          continue
        }
        executor.input.base.update(from: current.base, count: current.count)
        current = copy(executor.forward(count: 1), arena)
      }
      visit(index, current.reshaped(to: shape))
    }
  }

  private func copy(_ x: Tensor, _ arena: Arena) -> Tensor {
    let copy = Tensor(x.shape, at: arena.floats(x.count))
    copy.base.update(from: x.base, count: x.count)
    return copy
  }
}
