import Layers
import Tensors

/// Returns its input, and stores it and the gradient with respect to it.
///
/// A probe behind a layer of a network shows that layer's output. The network computes the same bits with it
/// and without it.
///
///     activations, gradients  [capacity, …], of the first examples of the last pass
final class ActivationProbe: ExampleLayer {
  let name: String
  /// A probe in front of all layers has a parameter that nothing reads. The executor computes gradients with
  /// respect to inputs only behind a layer that is trained.
  let parameters: [Parameter]
  let backwardReadsInput = false
  let backwardReadsOutput = false

  let activations: Tensor
  /// Without gradients, of no example.
  let gradients: Tensor
  private let arena = Arena()

  /// - Parameters:
  ///   - shape: the shape of an example, with a first extent of 1.
  ///   - isFirst: true for a probe in front of all layers of a network that will run backward.
  init(_ name: String, shape: Shape, capacity: Int, keepsGradients: Bool, isFirst: Bool) {
    self.name = name
    parameters = isFirst ? [Parameter("\(name).weight", .vector(count: 1), fanIn: 1)] : []
    let whole = shape.with(examples: capacity)
    activations = arena.tensor(whole)
    gradients =
      keepsGradients ? arena.tensor(whole) : Tensor(shape.with(examples: 0), at: activations.base)
  }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    store(x, in: activations, lane)
    y.base.update(from: x.base, count: x.count)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    store(dy, in: gradients, lane)
    if let dx { dx.base.update(from: dy.base, count: dy.count) }
  }

  private func store(_ examples: Tensor, in whole: Tensor, _ lane: Lane) {
    let place = whole.examples(lane.firstExample..<lane.firstExample + examples.shape[0])
    place.base.update(from: examples.base, count: examples.count)
  }
}
