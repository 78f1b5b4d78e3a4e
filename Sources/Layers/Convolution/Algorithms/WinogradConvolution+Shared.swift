import CKernels
import Tensors

/// The weight gradient of Winograd on the whole batch, where several processes share the batch and memory.
///
/// The points of all examples lie in the shared scratch of their processes. Each process computes some chains
/// of `∂U` whole, from the examples of the first process to those of the last. So no chain is cut, and no
/// process waits for the sums of another one.
extension WinogradConvolution {
  /// Computes `∂U` of all examples of the batch, and adds the weight gradient; each process does a part.
  ///
  /// - Parameter sharedScratch: that of this process, which has the points of its examples.
  func shareWeightGradient(
    _ sharedScratch: UnsafeMutablePointer<Float>, batch: Int, _ exchange: ChainExchange,
    _ shared: SharedMemory, to gradient: PanelMatrix, in context: Context
  ) {
    shared.barrier()
    let share = exchange.group.share
    let points = (0..<shared.count).map { process in
      let images = share.examples(of: process, among: batch).count
      let groupImages = exchange.groupImages(of: process, own: sharedScratch)
      return (
        memory: memory(
          at: exchange.sharedScratch(of: process, own: sharedScratch),
          groups: (images + groupImages - 1) / groupImages, groupImages: groupImages),
        images: images
      )
    }
    let sums = points[0].memory.weightGradient
    let weights = weights
    context.run(weights.pairs, in: shared) { pair, _ in
      let start = weights.offset(ofPair: pair)
      (sums + start).update(repeating: 0, count: weights.offset(ofPair: pair + 1) - start)
      for (memory, images) in points {
        addOuterProduct(
          memory, images: images, point: pair % self.points, panel: pair / self.points, to: sums,
          context.kernels)
      }
    }
    // The barrier at the end keeps the next layer from writing to the scratch that others still read.
    context.run(gradient.panelCount, in: shared) { panel, worker in
      addWeights(sums, panel: panel, to: gradient, Worker(worker, of: context))
    }
  }
}
