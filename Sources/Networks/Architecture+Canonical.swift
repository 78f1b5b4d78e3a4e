import Layers

extension Architecture {
  /// The notation in its shortest form; equal networks have equal forms.
  public var canonical: String {
    var text = ""
    for kind in layers {
      if !text.isEmpty, !text.hasSuffix("("), kind != .residualSum { text += " " }
      text += Self.describe(kind)
    }
    return text
  }

  private static func describe(_ kind: Kind) -> String {
    switch kind {
    case .relu: return "relu"
    case .gelu: return "gelu"
    case .sigmoid: return "sigmoid"
    case .tanh: return "tanh"
    case .flatten: return "flatten"
    case .signal: return "signal"
    case .residualBranch: return "res("
    case .residualSum: return ")"
    case .globalPooling(.maximum): return "globalmax"
    case .globalPooling(.average): return "globalavg"
    case .dropout(let probability): return "dropout(\(describe(probability)))"
    case .upsampling(let factor, let mode):
      return "upsample(\(describe(factor))\(mode == .nearest ? "" : ",mode=\(mode.rawValue)"))"
    case .scale(let factor): return "scale(\(describe(factor: factor)))"
    case .fullyConnected(let outputs, let bias):
      return "fc(\(outputs.map(String.init) ?? "classes")\(bias ? "" : ",bias=no"))"
    case .batchNormalization(let epsilon, let momentum, let scales):
      var options: [String] = []
      if epsilon != NotationDefaults.epsilon { options.append("epsilon=\(describe(epsilon))") }
      if momentum != NotationDefaults.momentum { options.append("momentum=\(describe(momentum))") }
      if !scales { options.append("scale=no") }
      return options.isEmpty ? "bn" : "bn(\(options.joined(separator: ",")))"
    case .convolution(
      let outputs, let kernel, let stride, let padding, let bias, let frozen):
      var text = "conv(\(outputs),\(describe(kernel))"
      if stride != 1 { text += ",stride=\(describe(stride))" }
      if padding != .same { text += ",padding=\(describe(padding))" }
      if !bias { text += ",bias=no" }
      if frozen { text += ",frozen=yes" }
      return text + ")"
    case .transposedConvolution(
      let outputs, let kernel, let stride, let padding, let outputPadding, let bias):
      var text = "convt(\(outputs),\(describe(kernel))"
      if stride != 1 { text += ",stride=\(describe(stride))" }
      if padding != 0 { text += ",padding=\(describe(padding))" }
      if outputPadding != 0 { text += ",outpad=\(describe(outputPadding))" }
      if !bias { text += ",bias=no" }
      return text + ")"
    case .convolution1D(let outputs, let kernel, let stride, let padding, let bias):
      var text = "conv1d(\(outputs),\(kernel)"
      if stride != 1 { text += ",stride=\(stride)" }
      switch padding {
      case .same: break
      case .valid: text += ",padding=valid"
      case .explicit(let zeros): text += ",padding=\(zeros.width)"
      }
      if !bias { text += ",bias=no" }
      return text + ")"
    case .maxPooling(let size, let stride, let padding, let ceilMode):
      return "pool(\(describe(size, stride, padding, ceilMode)))"
    case .averagePooling(
      let size, let stride, let padding, let ceilMode, let countsPadding):
      let window = describe(size, stride, padding, ceilMode)
      return "avgpool(\(window)\(countsPadding ? "" : ",countpadding=no"))"
    }
  }

  /// A pooling window.
  private static func describe(
    _ size: Extent2D, _ stride: Extent2D, _ padding: Extent2D, _ ceilMode: Bool
  ) -> String {
    var text = describe(size)
    if stride != size { text += ",\(describe(stride))" }
    if padding != 0 { text += ",padding=\(describe(padding))" }
    if ceilMode { text += ",mode=ceil" }
    return text
  }

  private static func describe(_ extent: Extent2D) -> String {
    extent.height == extent.width ? "\(extent.height)" : "\(extent.height)x\(extent.width)"
  }

  private static func describe(_ padding: Padding) -> String {
    switch padding {
    case .same: "same"
    case .valid: "valid"
    case .explicit(let extent): describe(extent)
    }
  }

  /// The shortest decimal that reads back to the same number.
  private static func describe(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A short decimal, or the fraction of the smallest denominator that is the same number, or a long
  /// decimal.
  private static func describe(factor: Double) -> String {
    let decimal = describe(factor)
    guard decimal.count > 8 else { return decimal }
    for denominator in 2...1000 {
      let numerator = (factor * Double(denominator)).rounded()
      if (1...1000).contains(numerator), numerator / Double(denominator) == factor {
        return "\(Int(numerator))/\(denominator)"
      }
    }
    return decimal
  }
}
