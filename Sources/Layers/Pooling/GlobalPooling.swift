import CKernels
import Tensors

/// One value for each channel: the maximum of all pixels (lecture row L8), or their mean.
///
///     x  [n, h, w, c]        y  [n, c]
///     y_c = max_ij x_ijc     or     y_c = (1/(h·w))·Σ_ij x_ijc
///
/// The backward pass sends `∂y` to the position of the maximum, the first of equal values in
/// reading order, or an equal share of it to every pixel:
///
///     ∂x_c = ∂y_c · onehot(argmax x_c)     or     ∂x_ijc = ∂y_c/(h·w)
///
/// A NaN counts as greater than every number, so it is not hidden.
public final class GlobalPooling: ExampleLayer {
  public enum Mode: Sendable {
    case maximum
    case average
  }

  public let name: String
  public let mode: Mode

  public init(_ name: String, _ mode: Mode) {
    self.name = name
    self.mode = mode
  }

  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }

  /// `[n, c]`.
  ///
  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, c]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4 else {
      throw ShapeError(layer: name, expected: "[n, h, w, c]", found: input)
    }
    return [input[0], input[3]]
  }

  /// The index of each channel's maximum pixel, an `Int32`.
  public func savedStateBytes(for input: Shape) -> Int {
    mode == .maximum ? input[3] * MemoryLayout<Int32>.stride : 0
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    let (pixels, channels) = (x.shape[1] * x.shape[2], x.shape[3])
    let places = saved.map(Self.places)
    for n in 0..<x.shape[0] {
      let example = x.base + n * pixels * channels
      switch mode {
      case .maximum:
        lane.kernels.global_max(
          example, pixels, channels, y.base + n * channels, places.map { $0 + n * channels })
      case .average: lane.kernels.global_average(example, pixels, channels, y.base + n * channels)
      }
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    let (pixels, channels) = (dx.shape[1] * dx.shape[2], dx.shape[3])
    for n in 0..<dx.shape[0] {
      let gradient = dy.base + n * channels
      let example = dx.base + n * pixels * channels
      switch mode {
      case .maximum:
        lane.kernels.global_max_backward(
          gradient, Self.places(pass.savedState(of: self)) + n * channels, pixels, channels,
          example)
      case .average: lane.kernels.global_average_backward(gradient, pixels, channels, example)
      }
    }
  }

  /// The saved state as words. Only this layer uses it, and it is aligned to whole words.
  private static func places(_ saved: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(saved).assumingMemoryBound(to: Int32.self)
  }
}

// MARK: Notation

extension GlobalPooling {
  package struct Specification: LayerSpecification {
    let mode: Mode

    package static let words = [
      LayerWord("globalmax", meaning: "one value a channel, the greatest of all pixels"),
      LayerWord("globalavg", meaning: "one value a channel, the mean of all pixels"),
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      mode = arguments.word.name == "globalmax" ? .maximum : .average
    }

    package var canonical: String { mode == .maximum ? "globalmax" : "globalavg" }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      _ = builder.endImage()
      return GlobalPooling(builder.name(canonical), mode)
    }
  }
}
