import Layers
import Tensors

extension MaxPooling: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    graph.then(
      "MaxPool",
      windowAttributes(
        size, stride: stride,
        zeros: neededZeros(size, stride, padding, input: graph.input, output: graph.output)))
  }

  func addModule(to module: inout ModuleBuilder) {
    let isSignal = module.poolsSignal(size, padding)
    module.apply(
      isSignal ? "F.max_pool1d" : "F.max_pool2d",
      Arguments.pooling(size, stride, padding, ceilMode, ofSignal: isSignal))
  }
}

extension AveragePooling: ExportedLayer {
  /// Padding may count, but elements beyond it never do. If windows reach beyond it, the padding is
  /// therefore a node of its own, and the elements beyond it are padding that does not count.
  func addNodes(to graph: inout GraphBuilder) {
    var zeros = neededZeros(size, stride, padding, input: graph.input, output: graph.output)
    var counts = countsPadding
    if counts, zeros.bottom > padding.height || zeros.right > padding.width {
      let pads = [0, 0, padding.height, padding.width]
      graph.then("Pad", with: [graph.constant("pads", integers: pads + pads)], part: "pad")
      zeros = PaddingZeros(
        top: 0, left: 0, bottom: max(0, zeros.bottom - padding.height),
        right: max(0, zeros.right - padding.width))
      counts = false
    }
    let attributes = windowAttributes(size, stride: stride, zeros: zeros)
    let flag = counts ? [ONNXNode.Attribute("count_include_pad", .integer(1))] : []
    graph.then("AveragePool", flag + attributes)
  }

  func addModule(to module: inout ModuleBuilder) {
    let isSignal = module.poolsSignal(size, padding)
    var arguments = Arguments.pooling(size, stride, padding, ceilMode, ofSignal: isSignal)
    arguments.flag("count_include_pad", countsPadding, unless: true)
    module.apply(isSignal ? "F.avg_pool1d" : "F.avg_pool2d", arguments)
  }
}

extension GlobalPooling: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    graph.then(mode == .maximum ? "GlobalMaxPool" : "GlobalAveragePool", part: "pool")
    graph.then("Flatten", [.init("axis", .integer(1))])
  }

  func addModule(to module: inout ModuleBuilder) {
    let function = mode == .maximum ? "amax" : "mean"
    module.assign("x.\(function)(dim=\(module.isSignal ? "2" : "(2, 3)"))")
  }
}

extension Upsampling: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    let scales = graph.constant(
      "scales", [1, 1, Float(factor.height), Float(factor.width)], shape: [4])
    // The second input, a region of the image, is left out.
    let inputs = [graph.value, "", scales]
    let attributes: [ONNXNode.Attribute] =
      switch mode {
      case .nearest:
        [
          .init("coordinate_transformation_mode", .text("asymmetric")),
          .init("mode", .text("nearest")), .init("nearest_mode", .text("floor")),
        ]
      case .bilinear:
        [
          .init("coordinate_transformation_mode", .text("half_pixel")),
          .init("mode", .text("linear")),
        ]
      }
    graph.value = graph.node("Resize", inputs, attributes)
  }

  func addModule(to module: inout ModuleBuilder) {
    module.requireImage()
    var arguments = Arguments()
    arguments.extent("scale_factor", factor, unless: nil)
    arguments.add("mode", "\"\(mode.rawValue)\"")
    module.apply("F.interpolate", arguments)
  }
}

/// The zeros around an image with which windows, rounded down, give the output.
///
/// In ceil mode the last window may reach beyond the padding, and runtimes differ in their rules for
/// it; in floor mode the last rows may be in no window.
func neededZeros(
  _ size: Extent2D, _ stride: Extent2D, _ padding: Extent2D, input: Shape, output: Shape
) -> PaddingZeros {
  PaddingZeros(
    top: padding.height, left: padding.width,
    bottom: max(0, (output[1] - 1) * stride.height + size.height - input[1] - padding.height),
    right: max(0, (output[2] - 1) * stride.width + size.width - input[2] - padding.width))
}
