import CKernels
import Tensors

// A residual block `y = x + f(x)` (He et al. 2016, "Deep residual learning", eq. 1), where f is the
// layers between a ``ResidualBranch`` and the ``ResidualSum`` behind it, as between brackets. Blocks may
// lie within each other. The sum's derivative by both terms is the identity, so
//
//     ∂x = ∂y + (∂f/∂x)ᵀ·∂y
//
// What the two ends of a block have to tell each other lies in the notes that they share: `x` on the way
// forward, `∂y` on the way back.

/// The beginning of a residual block: hands `x` to the layers within and notes it for the
/// ``ResidualSum``; backward it adds the gradient noted there, `∂x = ∂f + ∂y`.
public final class ResidualBranch: ExampleLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var isCheap: Bool { true }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// One example of `x` or `∂y`.
  public func noteBytes(for input: Shape) -> Int {
    input.countPerExample * MemoryLayout<Float>.stride
  }

  /// - Parameter notes: nil where `y` alone is wanted, for the layers within.
  public func forward(
    _ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    if let notes { values(in: notes).update(from: x.base, count: x.count) }
    if y.base != x.base { y.base.update(from: x.base, count: x.count) }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    guard let notes = pass.notes else { preconditionFailure("\(name): backward without notes") }
    lane.kernels.add(dy.base, values(in: notes), dx.base, dy.count)
  }
}

/// The end of a residual block: adds what its ``ResidualBranch`` noted, `y = f + x`; backward it notes
/// `∂y` for it and hands it on, `∂f = ∂y`.
public final class ResidualSum: ExampleLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// The input's; ``Sequential`` holds it against that of the block's input.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// - Parameter notes: those of the block's branch.
  public func forward(
    _ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    guard let notes else { preconditionFailure("\(name): a sum without its branch") }
    lane.kernels.add(x.base, values(in: notes), y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    guard let notes = pass.notes else { preconditionFailure("\(name): backward without notes") }
    values(in: notes).update(from: dy.base, count: dy.count)
    if dx.base != dy.base { dx.base.update(from: dy.base, count: dy.count) }
  }
}

/// Notes are for the block alone, and start at whole words.
private func values(in notes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(notes).assumingMemoryBound(to: Float.self)
}

// MARK: Notation

extension ResidualBranch {
  /// `res(`, before the layers of the block.
  package struct Specification: LayerSpecification {
    package static let words = [
      LayerWord(
        "res", arguments: ["layers"], note: "as res(conv(16,3) relu)", holdsLayers: true,
        meaning: "a residual block, `x + f(x)`: the layers' output added to their input")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      guard arguments.opensBlock else { throw arguments.error("its layers are missing") }
    }

    package var canonical: String { "res(" }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireChannels(of: "res")
      return ResidualBranch("branch\(builder.openBlock())")
    }
  }
}

extension ResidualSum {
  /// The bracket behind the layers of a block. It is no word, and is read by the registry.
  package struct Specification: LayerSpecification {
    package static let words: [LayerWord] = []

    init() {}
    package init(_ arguments: inout NotationArguments) throws(NotationError) {}

    package var canonical: String { ")" }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      ResidualSum("sum\(try builder.closeBlock())")
    }
  }
}
