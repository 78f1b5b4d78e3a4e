import Tensors

/// The notation of a convolution.
extension Convolution2D {
  package struct Specification: LayerSpecification {
    let outputs: Int
    let kernel: Extent2D
    let stride: Extent2D
    let padding: Padding
    let groups: Int
    let bias: Bool
    /// True if the weight is frozen. The bias is trained anyway.
    package let frozen: Bool

    package static let words = [
      LayerWord(
        "conv", arguments: ["outputs,kernel"],
        options: [
          .init("stride", unlessGiven: "1"), .init("padding", "same|valid|n", unlessGiven: "same"),
          .init("groups", unlessGiven: "1"), .init("bias", "yes|no", unlessGiven: "yes"),
          .init("frozen", "yes|no", unlessGiven: "no"),
        ],
        meaning: "convolution over all input channels, or over those of the output's group")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      outputs = try arguments.number("outputs", "the number of outputs")
      kernel = try arguments.extent("kernel", "the kernel's size")
      stride = try arguments.extent(option: "stride", unlessGiven: 1)
      padding = try arguments.padding()
      groups = try arguments.number(option: "groups", unlessGiven: 1)
      bias = try arguments.flag("bias", unlessGiven: true)
      frozen = try arguments.flag("frozen", unlessGiven: false)
      try arguments.refuse(padding.problem(kernel: kernel))
    }

    package var canonical: String {
      CanonicalText("conv", outputs, kernel).option("stride", stride, unless: 1)
        .option("padding", padding, unless: .same).option("groups", groups, unless: 1)
        .option("bias", bias, unless: true).option("frozen", frozen, unless: false).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      try builder.requireGroups(groups, outputs: outputs)
      try builder.requireWeightFits(
        rows: [kernel.height, kernel.width, builder.channels / groups], columns: outputs,
        otherwise: "a smaller kernel or fewer outputs")
      return Convolution2D(
        builder.name("conv"), inputChannels: builder.channels, outputChannels: outputs,
        kernel: kernel, stride: stride, padding: padding, groups: groups, bias: bias,
        trainsWeight: !frozen)
    }
  }
}
