import GradientChecking
import Tensors
import TestSupport
import Textbook

@testable import Layers

/// One layer alone, forward and backward, run by the production executor.
struct LayerRun {
  let y: [Float]
  let dx: [Float]
  /// The gradients of the parameters, in PyTorch's order.
  let gradients: [[Float]]

  /// - Parameters:
  ///   - rounds: the number of forward and backward passes before the gradients are read.
  ///   - randomKey: the key of the random numbers, if the layer draws any.
  init(
    _ layer: any Layer, x: [Float], shape: Shape, dy: [Float], kernelSet: KernelSet = .best,
    threads: Int = 1, rounds: Int = 1, randomKey: RandomKey = RandomKey(seed: 1, step: 1)
  ) throws {
    let run = try FastLayerRun(
      [layer], x: x, shape: shape, dy: dy, rounds: rounds, randomKey: randomKey,
      Context(threadCount: threads, kernelSet: kernelSet))
    (y, dx, gradients) = (run.y, run.dx, run.gradients)
  }
}

/// `[n, h, w, c]` as one volume `[c, h, w]` for each example.
func volumes<Scalar>(_ values: [Scalar], _ shape: Shape) -> [Volume<Scalar>] {
  let (h, w, c) = (shape[1], shape[2], shape[3])
  return (0..<shape[0]).map { n in
    Volume(channels: c, rows: h, columns: w) { f, i, j in
      values[((n * h + i) * w + j) * c + f]
    }
  }
}

/// The inverse of ``volumes(_:_:)``.
func elements<Scalar>(_ volumes: [Volume<Scalar>]) -> [Scalar] {
  volumes.flatMap { volume in
    (0..<volume.rows).flatMap { i in
      (0..<volume.columns).flatMap { j in (0..<volume.channels).map { volume[$0, i, j] } }
    }
  }
}
