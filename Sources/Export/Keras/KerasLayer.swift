import Layers

/// A layer that Keras can compute, channels last.
protocol KerasLayer: Layer {
  /// Adds the layer to a Keras model. A layer with parameters gets the program's name.
  ///
  /// - Throws: ``ExportError/notInKeras(layer:problem:)`` for options that Keras does not have.
  func addKeras(to model: inout KerasBuilder) throws(ExportError)
}

extension Convolution2D: KerasLayer {
  /// With one input channel for each group it is Keras's depthwise convolution, which TensorFlow computes faster.
  func addKeras(to model: inout KerasBuilder) {
    let isDepthwise = groups > 1 && groups == inputChannels
    var arguments = isDepthwise ? KerasArguments() : KerasArguments(outputChannels)
    arguments.extent(kernel)
    arguments.extent("strides", stride, unless: 1)
    let zeros = PaddingZeros(padding, kernel: kernel)
    arguments.text("padding", model.pad(zeros, kernel, stride), unless: "valid")
    if isDepthwise, outputChannels > groups {
      arguments.add("depth_multiplier", outputChannels / groups)
    } else if groups > 1, !isDepthwise {
      arguments.add("groups", groups)
    }
    arguments.flag("use_bias", bias != nil, unless: true)
    arguments.text("name", name)
    model.call(isDepthwise ? "DepthwiseConv2D" : "Conv2D", arguments)
  }
}

extension DepthwiseConvolution2D: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    var arguments = KerasArguments()
    arguments.extent(kernel)
    arguments.extent("strides", stride, unless: 1)
    let zeros = PaddingZeros(padding, kernel: kernel)
    arguments.text("padding", model.pad(zeros, kernel, stride), unless: "valid")
    arguments.flag("use_bias", bias != nil, unless: true)
    arguments.text("name", name)
    model.call("DepthwiseConv2D", arguments)
  }
}

extension TransposedConvolution2D: KerasLayer {
  /// Without padding Keras gives `stride·h + max(kernel − stride, 0)` rows, of which the padding is cropped.
  func addKeras(to model: inout KerasBuilder) throws(ExportError) {
    func crop(_ axis: Int, _ part: KeyPath<Extent2D, Int>) -> (before: Int, after: Int) {
      let (kernel, stride) = (kernel[keyPath: part], stride[keyPath: part])
      let whole = stride * model.input[axis] + max(kernel - stride, 0)
      let before = padding[keyPath: part]
      return (before, whole - model.output[axis] - before)
    }
    let (rows, columns) = (crop(1, \.height), crop(2, \.width))
    guard rows.after >= 0, columns.after >= 0 else {
      throw .notInKeras(layer: name, problem: "an output padding beyond the kernel")
    }
    var arguments = KerasArguments(outputChannels)
    arguments.extent(kernel)
    arguments.extent("strides", stride, unless: 1)
    arguments.flag("use_bias", bias != nil, unless: true)
    arguments.text("name", name)
    model.call("Conv2DTranspose", arguments)
    guard rows != (0, 0) || columns != (0, 0) else { return }
    model.assign(
      "layers.Cropping2D(((\(rows.before), \(rows.after)), (\(columns.before), \(columns.after))))(x)"
    )
  }
}

extension FullyConnected: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    var image: ParameterLayout.Image?
    if case .fullyConnected(_, _, let found) = weight.layout { image = found }
    model.mixFeatures(for: name, image)
    var arguments = KerasArguments(outputs)
    arguments.flag("use_bias", bias != nil, unless: true)
    arguments.text("name", name)
    model.call("Dense", arguments)
  }
}

extension BatchNormalization: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    var arguments = KerasArguments()
    arguments.add("momentum", 1 - momentum)
    arguments.add("epsilon", epsilon)
    arguments.flag("scale", weight.isTrained, unless: true)
    arguments.text("name", name)
    model.call("BatchNormalization", arguments)
  }
}

extension GroupNormalization: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    var arguments = KerasArguments(groups)
    arguments.add("epsilon", epsilon)
    arguments.text("name", name)
    model.call("GroupNormalization", arguments)
  }
}
