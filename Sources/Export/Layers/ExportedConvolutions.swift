import Layers

/// Also of signals, which in ONNX are images of one row.
extension Convolution2D: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    let group = groups == 1 ? [] : [ONNXNode.Attribute("group", .integer(groups))]
    graph.then(
      "Conv",
      with: [graph.constant(weight, shape: weightShape)]
        + (bias.map { [graph.constant($0)] } ?? []),
      group + windowAttributes(kernel, stride: stride, zeros: PaddingZeros(padding, kernel: kernel))
    )
  }

  func addModule(to module: inout ModuleBuilder) {
    let isSignal = self is Convolution1D
    let zeros = PaddingZeros(padding, kernel: kernel)
    isSignal ? module.requireSignal() : module.requireImage()
    module.pad(zeros)
    var arguments = Arguments(inputChannels, outputChannels)
    arguments.extent(kernel, ofSignal: isSignal)
    arguments.extent("stride", stride, unless: 1, ofSignal: isSignal)
    if let extent = zeros.extent {
      arguments.extent("padding", extent, unless: 0, ofSignal: isSignal)
    }
    if groups != 1 { arguments.add("groups", groups) }
    arguments.flag("bias", bias != nil, unless: true)
    module.call(name, isSignal ? "nn.Conv1d" : "nn.Conv2d", arguments)
  }
}

extension DepthwiseConvolution2D: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    graph.then(
      "Conv", with: [graph.constant(weight)] + (bias.map { [graph.constant($0)] } ?? []),
      [.init("group", .integer(channels))]
        + windowAttributes(kernel, stride: stride, zeros: PaddingZeros(padding, kernel: kernel)))
  }

  func addModule(to module: inout ModuleBuilder) {
    let zeros = PaddingZeros(padding, kernel: kernel)
    module.requireImage()
    module.pad(zeros)
    var arguments = Arguments(channels, channels)
    arguments.extent(kernel)
    arguments.extent("stride", stride, unless: 1)
    if let extent = zeros.extent { arguments.extent("padding", extent, unless: 0) }
    arguments.add("groups", channels)
    arguments.flag("bias", bias != nil, unless: true)
    module.call(name, "nn.Conv2d", arguments)
  }
}

extension TransposedConvolution2D: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    var attributes = windowAttributes(
      kernel, stride: stride, zeros: PaddingZeros(.explicit(padding), kernel: kernel))
    if outputPadding != 0 {
      attributes.append(
        .init("output_padding", .integers([outputPadding.height, outputPadding.width])))
    }
    graph.then(
      "ConvTranspose", with: [graph.constant(weight)] + (bias.map { [graph.constant($0)] } ?? []),
      attributes)
  }

  func addModule(to module: inout ModuleBuilder) {
    module.requireImage()
    var arguments = Arguments(inputChannels, outputChannels)
    arguments.extent(kernel)
    arguments.extent("stride", stride, unless: 1)
    arguments.extent("padding", padding, unless: 0)
    arguments.extent("output_padding", outputPadding, unless: 0)
    arguments.flag("bias", bias != nil, unless: true)
    module.call(name, "nn.ConvTranspose2d", arguments)
  }
}

/// The zeros on the four sides of an image.
struct PaddingZeros: Equatable {
  var top, left, bottom, right: Int

  init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  init(_ padding: Padding, kernel: Extent2D) {
    let rows = padding.zeros(kernel: kernel.height, \.height)
    let columns = padding.zeros(kernel: kernel.width, \.width)
    self.init(top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
  }

  /// The zeros on each side, if opposite sides have equally many.
  var extent: Extent2D? { top == bottom && left == right ? Extent2D(top, left) : nil }
}

/// The attributes of a convolution or pooling. Those that have their defaults are left out.
func windowAttributes(
  _ size: Extent2D, stride: Extent2D, zeros: PaddingZeros
) -> [ONNXNode.Attribute] {
  var attributes = [
    ONNXNode.Attribute("kernel_shape", .integers([size.height, size.width]))
  ]
  if zeros.extent != 0 {
    attributes.append(
      .init("pads", .integers([zeros.top, zeros.left, zeros.bottom, zeros.right])))
  }
  if stride != 1 {
    attributes.append(.init("strides", .integers([stride.height, stride.width])))
  }
  return attributes
}
