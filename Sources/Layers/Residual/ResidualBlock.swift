import CKernels
import Tensors

// A residual block `y = x + f(x)` (He et al. 2016, "Deep residual learning", eq. 1). The layers of
// f stand between a ``ResidualBranch`` and a ``ResidualSum``, as between brackets. Blocks may be
// nested. The derivative of the sum with respect to each term is the identity, so
//
//     ∂x = ∂y + (∂f/∂x)ᵀ·∂y
//
// Both ends of a block share their saved state. It holds `x` after the forward pass of the branch,
// and `∂y` after the backward pass of the sum.

/// The two ends of a residual block.
public enum ResidualEnd: Sendable {
  /// The beginning, which saves its input.
  case branch
  /// The end, which adds the saved input.
  case sum
}

/// The beginning of a residual block: passes `x` to the layers inside and saves it for the
/// ``ResidualSum``. Its backward pass adds the gradient that the sum has saved, `∂x = ∂f + ∂y`.
public final class ResidualBranch: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var isRecomputed: Bool { true }
  public var residualEnd: ResidualEnd? { .branch }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// The size of one example of `x` or `∂y`.
  public func savedStateBytes(for input: Shape) -> Int { savedBytes(of: input) }

  /// - `saved`: nil where the backward pass only recomputes `y` for the layers inside.
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

/// The end of a residual block: adds the input that its ``ResidualBranch`` saved, `y = f + x`. Its
/// backward pass saves `∂y` for the branch and returns it, `∂f = ∂y`.
public final class ResidualSum: PixelwiseLayer {
  public let name: String

  public init(_ name: String) { self.name = name }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var residualEnd: ResidualEnd? { .sum }

  /// The input's shape. ``Sequential`` compares it with the shape of the block's input.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// The size of the branch's saved state for one example.
  public func savedStateBytes(for input: Shape) -> Int { savedBytes(of: input) }

  /// - `saved`: the saved state of the block's branch.
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

private func savedBytes(of input: Shape) -> Int {
  input.countPerExample * MemoryLayout<Float>.stride
}

/// The saved state as floats. Only the block uses it, and it is aligned to whole words.
private func values(in saved: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(saved).assumingMemoryBound(to: Float.self)
}

// MARK: Notation

extension ResidualBranch {
  /// `res(`, in front of the layers of the block.
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
  /// The closing bracket behind the layers of a block. It has no word of its own; the registry
  /// reads it.
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
