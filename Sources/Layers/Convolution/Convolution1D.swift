import Tensors

/// A bank of one-dimensional filters: the convolution of signals (lecture rows L5 and L6).
///
///     x  [n, 1, w, inputChannels]           W  [k, inputChannels / groups, outputChannels]
///     y  [n, 1, w′, outputChannels]         b  [outputChannels], or none
///     w′ = ⌊(w + padding − k) / stride⌋ + 1
///
///     y[j, g] = b[g] + Σ_{v, f} x[stride·j + v, f] · W[v, f, g]
///
/// A signal is an image of one row, so this layer is a ``Convolution2D`` with a kernel of one row,
/// in all passes. With one channel, an odd `k` and the padding `k − 1` it is the lecture's
/// convolution: `q` is as long as `p`, and
///
///     dp = flip(w) ⋆ pad(dq, ⌊k/2⌋)        dw = dq ⋆ pad(p, ⌊k/2⌋)
///
/// With several groups, an output reads the inputs of its own group, as in ``Convolution2D``. Files store the
/// weight as PyTorch's `Conv1d` does, `[outputChannels, inputChannels / groups, k]`.
public final class Convolution1D: Convolution2D {
  /// - `padding`: the zeros at both ends; the `height` of an explicit padding must be 0.
  /// - Precondition: positive extents.
  public init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int = 1,
    padding: Padding = .valid, groups: Int = 1, bias: Bool = true
  ) {
    if case .explicit(let zeros) = padding {
      precondition(zeros.height == 0, "\(name): padding above and below a signal")
    }
    super.init(
      name, inputChannels: inputChannels, outputChannels: outputChannels,
      kernel: Extent2D(1, kernel),
      stride: Extent2D(1, stride), padding: padding, groups: groups, bias: bias,
      layout: .convolution1D(
        kernel: kernel, inputChannels: inputChannels / groups, outputChannels: outputChannels),
      algorithm: nil)
  }

  /// - Throws: ``ShapeError`` unless the input is `[n, 1, w, inputChannels]` and the kernel fits into it.
  public override func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[1] == 1, input[3] == inputChannels else {
      throw ShapeError(layer: name, expected: "[n, 1, w, \(inputChannels)]", found: input)
    }
    return try super.outputShape(for: input)
  }
}

// MARK: Notation

extension Convolution1D {
  package struct Specification: LayerSpecification {
    let outputs: Int
    let kernel: Int
    let stride: Int
    /// An explicit padding has the height 0.
    let padding: Padding
    let groups: Int
    let bias: Bool

    package static let words = [
      LayerWord(
        "conv1d", arguments: ["outputs,kernel"],
        options: [
          .init("stride", unlessGiven: "1"), .init("padding", "same|valid|n", unlessGiven: "same"),
          .init("groups", unlessGiven: "1"), .init("bias", "yes|no", unlessGiven: "yes"),
        ],
        meaning: "convolution of signals, images of one row: behind `signal`")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      outputs = try arguments.number("outputs", "the number of outputs")
      kernel = try arguments.number("kernel", "the kernel's size")
      padding = try arguments.padding(rows: 0)
      stride = try arguments.number(option: "stride", unlessGiven: 1)
      groups = try arguments.number(option: "groups", unlessGiven: 1)
      bias = try arguments.flag("bias", unlessGiven: true)
      if case .explicit(let zeros) = padding, zeros.width >= kernel {
        throw arguments.error(
          "a padding of \(zeros.width) reaches past the kernel of \(kernel)")
      }
    }

    package var canonical: String {
      var padding = padding
      if case .explicit(let zeros) = padding { padding = .explicit(Extent2D(zeros.width)) }
      return CanonicalText("conv1d", outputs, kernel).option("stride", stride, unless: 1)
        .option("padding", padding, unless: .same).option("groups", groups, unless: 1)
        .option("bias", bias, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      guard builder.shape[1] == 1 else {
        throw builder.error(
          "its input is \(builder.shapeText), more than one row", expected: "signal before it")
      }
      try builder.requireGroups(groups, outputs: outputs)
      try builder.requireWeightFits(
        rows: [kernel, builder.channels / groups], columns: outputs,
        otherwise: "a smaller kernel or fewer outputs")
      return Convolution1D(
        builder.name("conv"), inputChannels: builder.channels, outputChannels: outputs,
        kernel: kernel, stride: stride, padding: padding, groups: groups, bias: bias)
    }
  }
}
