import CKernels
import Tensors

// A residual block `y = x + f(x)` (He et al. 2016, "Deep residual learning", eq. 1), where f is the
// layers between a ``ResidualBranch`` and the ``ResidualSum`` behind it, as between brackets. Blocks may
// lie within each other. The sum's derivative by both terms is the identity, so
//
//     ∂x = ∂y + (∂f/∂x)ᵀ·∂y
//
// The two ends of a block share their saved state. It holds `x` in the forward pass, then `∂y` in the
// backward pass.

/// Which end of a residual block a layer is.
public enum ResidualEnd: Sendable {
  /// The beginning: it saves its input.
  case branch
  /// The end: it adds the saved input.
  case sum
}

/// The beginning of a residual block: passes `x` to the layers within and saves it for the
/// ``ResidualSum``. Backward it adds the gradient that the sum has saved, `∂x = ∂f + ∂y`.
public final class ResidualBranch: ExampleLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var mayWorkInPlace: Bool { true }
  public var isRecomputed: Bool { true }
  public var residualEnd: ResidualEnd? { .branch }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// One example of `x` or `∂y`.
  public func savedStateBytes(for input: Shape) -> Int {
    input.countPerExample * MemoryLayout<Float>.stride
  }

  /// - Parameter saved: nil where only `y` is recomputed, for the layers within.
  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    if let saved { values(in: saved).update(from: x.base, count: x.count) }
    if y.base != x.base { y.base.update(from: x.base, count: x.count) }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.add(dy.base, values(in: pass.savedState(of: self)), dx.base, dy.count)
  }
}

/// The end of a residual block: adds the input that its ``ResidualBranch`` saved, `y = f + x`. Backward
/// it saves `∂y` for the branch and returns it, `∂f = ∂y`.
public final class ResidualSum: ExampleLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var residualEnd: ResidualEnd? { .sum }

  /// The input's shape; ``Sequential`` holds it against that of the block's input.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// - Parameter saved: the saved state of the block's branch.
  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    guard let saved else { preconditionFailure("\(name): a sum without its branch") }
    lane.kernels.add(x.base, values(in: saved), y.base, x.count)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    values(in: pass.savedState(of: self)).update(from: dy.base, count: dy.count)
    if dx.base != dy.base { dx.base.update(from: dy.base, count: dy.count) }
  }
}

/// Only the block uses its saved state, which is aligned to whole words.
private func values(in saved: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(saved).assumingMemoryBound(to: Float.self)
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
