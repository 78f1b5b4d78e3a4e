import Layers

// The layers without parameters.

extension MaxPooling: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    let zeros = neededZeros(size, stride, padding, input: model.input, output: model.output)
    model.call(
      "MaxPooling2D",
      .pooling(size, stride, model.pad(zeros, size, stride, with: "float(\"-inf\")")))
  }
}

extension AveragePooling: KerasLayer {
  /// Keras's `same` leaves the padding out of the mean. Zeros that count are added before.
  func addKeras(to model: inout KerasBuilder) throws(ExportError) {
    let zeros = neededZeros(size, stride, padding, input: model.input, output: model.output)
    let reaches = zeros.bottom > padding.height || zeros.right > padding.width
    let isPadded = zeros != PaddingZeros(top: 0, left: 0, bottom: 0, right: 0)
    if isPadded, !countsPadding || padding == 0 {
      guard model.isSame(zeros, size, stride) else {
        throw .notInKeras(layer: name, problem: "windows with elements that do not count")
      }
      return model.call("AveragePooling2D", .pooling(size, stride, "same"))
    }
    guard !isPadded || !reaches else {
      throw .notInKeras(layer: name, problem: "windows with elements that do not count")
    }
    if isPadded {
      model.assign(
        "layers.ZeroPadding2D(((\(zeros.top), \(zeros.bottom)), (\(zeros.left), \(zeros.right))))(x)"
      )
    }
    model.call("AveragePooling2D", .pooling(size, stride, "valid"))
  }
}

extension KerasArguments {
  fileprivate static func pooling(
    _ size: Extent2D, _ stride: Extent2D, _ padding: String
  ) -> KerasArguments {
    var arguments = KerasArguments()
    arguments.extent(size)
    arguments.extent("strides", stride, unless: size)
    arguments.text("padding", padding, unless: "valid")
    return arguments
  }
}

extension GlobalPooling: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    model.call(mode == .maximum ? "GlobalMaxPooling2D" : "GlobalAveragePooling2D")
  }
}

extension Upsampling: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    var arguments = KerasArguments()
    arguments.extent(factor)
    arguments.text("interpolation", mode.rawValue, unless: "nearest")
    model.call("UpSampling2D", arguments)
  }
}

extension ReLU: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("layers.ReLU()(x)") }
}

extension GELU: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    model.assign("keras.activations.gelu(x, approximate=False)")
  }
}

extension SiLU: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("keras.activations.silu(x)") }
}

extension Sigmoid: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("keras.activations.sigmoid(x)") }
}

extension Tanh: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("keras.activations.tanh(x)") }
}

extension Scale: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("x * \(factor)") }
}

extension Dropout: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.assign("layers.Dropout(\(probability))(x)") }
}

extension StochasticDepth: KerasLayer {
  /// One random number for each example.
  func addKeras(to model: inout KerasBuilder) {
    let ones = [String](repeating: "1", count: model.input.rank - 1).joined(separator: ", ")
    model.assign("layers.Dropout(\(probability), noise_shape=(None, \(ones)))(x)")
  }
}

extension Flatten: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    if model.input.rank == 4 { model.call("Flatten") }
  }
}

extension Signal: KerasLayer {
  func addKeras(to model: inout KerasBuilder) {
    model.assign("layers.Reshape((1, \(model.output[2]), \(model.output[3])))(x)")
  }
}

extension ResidualBranch: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.openBlock() }
}

extension ResidualSum: KerasLayer {
  func addKeras(to model: inout KerasBuilder) { model.closeBlock() }
}
