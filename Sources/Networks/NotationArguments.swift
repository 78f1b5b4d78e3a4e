import Layers

/// What options are unless they are given.
enum NotationDefaults {
  static let epsilon = 1e-5
  static let momentum = 0.1
}

/// InterleavedTiming one word of the notation into a layer, taking its arguments one by one.
struct NotationArguments {
  private let word: NotationWord
  private let text: String
  private var positional: ArraySlice<String>
  private var named: [(key: String, value: String)]
  private var form = ""

  /// Extents above this are taken for mistakes: their activations would not fit into memory.
  private static let greatest = 65_536

  init(_ word: NotationWord, of text: String) {
    self.word = word
    self.text = text
    positional = word.positional[...]
    named = word.named
  }

  mutating func layer() throws(NotationError) -> Architecture.Kind {
    let kind: Architecture.Kind
    switch word.name {
    case "conv":
      form =
        "conv(outputs,kernel), with stride=, padding=same|valid|n, bias=yes|no and frozen=yes|no"
      kind = .convolution(
        outputs: try number(try next("the number of outputs"), "outputs"),
        kernel: try extent(try next("the kernel's size"), "kernel"),
        stride: try option("stride").map { (v) throws(NotationError) in try extent(v, "stride") }
          ?? 1,
        padding: try option("padding").map { (v) throws(NotationError) in try padding(v) }
          ?? .same,
        bias: try flag("bias", unlessGiven: true), frozen: try flag("frozen", unlessGiven: false))
      if case .convolution(_, let kernel, _, .explicit(let zeros), _, _) = kind,
        zeros.height >= kernel.height || zeros.width >= kernel.width
      {
        throw error("a padding of \(zeros) reaches past the kernel of \(kernel)", form)
      }
    case "convt":
      form = "convt(outputs,kernel), with stride=, padding=n, outpad=n and bias=yes|no"
      let outputs = try number(try next("the number of outputs"), "outputs")
      let kernel = try extent(try next("the kernel's size"), "kernel")
      let stride = try extent("stride", unlessGiven: 1)
      let padding = try extent("padding", unlessGiven: 0, least: 0)
      let outputPadding = try extent("outpad", unlessGiven: 0, least: 0)
      if let problem = TransposedConvolution2D.problem(
        kernel: kernel, stride: stride, padding: padding, outputPadding: outputPadding)
      {
        throw error(problem, form)
      }
      kind = .transposedConvolution(
        outputs: outputs, kernel: kernel, stride: stride, padding: padding,
        outputPadding: outputPadding, bias: try flag("bias", unlessGiven: true))
    case "conv1d":
      form = "conv1d(outputs,kernel), with stride=, padding=same|valid|n and bias=yes|no"
      let outputs = try number(try next("the number of outputs"), "outputs")
      let kernel = try number(try next("the kernel's size"), "kernel")
      let zeros = try option("padding").map { (v) throws(NotationError) in
        try padding(v, rows: 0)
      }
      kind = .convolution1D(
        outputs: outputs, kernel: kernel,
        stride: try option("stride").map { (v) throws(NotationError) in try number(v, "stride") }
          ?? 1,
        padding: zeros ?? .same, bias: try flag("bias", unlessGiven: true))
      if case .explicit(let zeros)? = zeros, zeros.width >= kernel {
        throw error("a padding of \(zeros.width) reaches past the kernel of \(kernel)", form)
      }
    case "pool1d":
      form = "pool1d(size) or pool1d(size,stride), with padding=n and mode=floor|ceil"
      kind = try maxPooling(try window(ofSignal: true))
    case "pool", "maxpool":
      form = "pool(size) or pool(size,stride), with padding=n and mode=floor|ceil"
      kind = try maxPooling(try window())
    case "avgpool":
      form =
        "avgpool(size) or avgpool(size,stride), with padding=n, mode=floor|ceil and"
        + " countpadding=yes|no"
      let window = try window()
      kind = .averagePooling(
        size: window.size, stride: window.stride, padding: window.padding,
        ceilMode: window.ceilMode, countsPadding: try flag("countpadding", unlessGiven: true))
      if let problem = window.problem { throw error(problem, form) }
    case "upsample":
      form = "upsample(factor), with mode=nearest|bilinear"
      kind = .upsampling(
        factor: try extent(try next("the factor"), "factor"), mode: try interpolation())
    case "dropout":
      form = "dropout(probability)"
      let greatest = Dropout.greatestProbability
      kind = .dropout(
        try real(
          try next("the probability"), "probability", 0...greatest, "0 to \(greatest)"))
    case "bn", "batchnorm":
      form = "bn, with epsilon=, momentum= and scale=yes|no"
      kind = .batchNormalization(
        epsilon: try option("epsilon").map { (v) throws(NotationError) in
          try real(v, "epsilon", 1e-30...1, "1e-30 to 1")
        } ?? NotationDefaults.epsilon,
        momentum: try option("momentum").map { (v) throws(NotationError) in
          try real(v, "momentum", 0...1, "0 to 1")
        } ?? NotationDefaults.momentum,
        scales: try flag("scale", unlessGiven: true))
    case "res":
      form = "res(layers), as res(conv(16,3) relu)"
      guard word.block != nil else { throw error("its layers are missing", form) }
      kind = .residualBranch
    case ")": kind = .residualSum
    case "relu", "gelu", "sigmoid", "tanh", "flatten", "signal", "globalmax", "globalavg":
      form = "\(word.name) without arguments"
      kind =
        switch word.name {
        case "relu": .relu
        case "gelu": .gelu
        case "sigmoid": .sigmoid
        case "tanh": .tanh
        case "flatten": .flatten
        case "signal": .signal
        case "globalmax": .globalPooling(.maximum)
        default: .globalPooling(.average)
        }
    case "scale":
      form = "scale(factor), a number or a fraction as 1/9"
      kind = .scale(try factor(try next("the factor")))
    case "fc", "linear":
      form = "fc(outputs) or fc(classes), with bias=yes|no"
      let outputs = try next("the number of outputs")
      kind = .fullyConnected(
        outputs: outputs == "classes" ? nil : try number(outputs, "outputs"),
        bias: try flag("bias", unlessGiven: true))
    default:
      throw error(
        "there is no layer “\(word.name)”",
        "one of conv, convt, conv1d, bn, relu, gelu, sigmoid, tanh, pool, pool1d, avgpool,"
          + " globalmax, globalavg, upsample, dropout, signal, flatten, fc, scale, res")
    }
    if let extra = positional.first ?? named.first?.key {
      throw error("it does not take “\(extra)”", form)
    }
    return kind
  }

  private mutating func next(_ what: String) throws(NotationError) -> String {
    guard let value = positional.popFirst() else { throw error("\(what) is missing", form) }
    return value
  }

  private mutating func option(_ key: String) throws(NotationError) -> String? {
    guard let index = named.firstIndex(where: { $0.key == key }) else { return nil }
    let value = named.remove(at: index).value
    if named.contains(where: { $0.key == key }) {
      throw error("\(key) is given twice", form)
    }
    return value
  }

  private func number(
    _ value: String, _ what: String, least: Int = 1
  ) throws(NotationError) -> Int {
    guard let number = Int(value), (least...Self.greatest).contains(number) else {
      throw error(
        "\(what) is “\(value)” (expected a whole number from \(least) to \(Self.greatest))", form)
    }
    return number
  }

  /// - Parameter rows: for a signal the height that goes without saying.
  private func extent(
    _ value: String, _ what: String, least: Int = 1, rows: Int? = nil
  ) throws(NotationError) -> Extent2D {
    if let rows { return Extent2D(rows, try number(value, what, least: least)) }
    let parts = value.split(separator: "x", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else { throw error("\(what) is “\(value)”", "\(what)=n or \(what)=hxw") }
    let height = try number(parts[0], what, least: least)
    return Extent2D(height, parts.count == 2 ? try number(parts[1], what, least: least) : height)
  }

  private mutating func extent(
    _ key: String, unlessGiven standard: Extent2D, least: Int = 1
  ) throws(NotationError) -> Extent2D {
    guard let value = try option(key) else { return standard }
    return try extent(value, key, least: least)
  }

  private func padding(_ value: String, rows: Int? = nil) throws(NotationError) -> Padding {
    switch value {
    case "same": .same
    case "valid": .valid
    default: .explicit(try extent(value, "padding", least: 0, rows: rows))
    }
  }

  /// A number as in `0.4` or `1e-12`; `limits` says which ones can be.
  private func real(
    _ value: String, _ what: String, _ range: ClosedRange<Double>, _ limits: String
  ) throws(NotationError) -> Double {
    let isDecimal = value.utf8.allSatisfy {
      (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0)
    }
    guard isDecimal, let number = Double(value), range.contains(number) else {
      throw error("\(what) is “\(value)” (expected a number from \(limits))", form)
    }
    return number
  }

  /// A number or a quotient of two whole ones.
  private func factor(_ value: String) throws(NotationError) -> Double {
    let parts = value.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      return try real(value, "factor", 1e-6...1e6, "0.000001 to 1000000")
    }
    return Double(try number(parts[0], "factor")) / Double(try number(parts[1], "factor"))
  }

  private mutating func flag(_ key: String, unlessGiven: Bool) throws(NotationError) -> Bool {
    switch try option(key) {
    case nil: return unlessGiven
    case "yes", "true": return true
    case "no", "false": return false
    case let value?: throw error("\(key) is “\(value)”", "\(key)=yes or \(key)=no")
    }
  }

  /// The window of a pooling layer; whether it can be, the caller asks.
  private mutating func window(
    ofSignal: Bool = false
  ) throws(NotationError) -> PoolingGeometry {
    let rows = ofSignal ? 1 : nil
    let size = try extent(try next("the window's size"), "size", rows: rows)
    return PoolingGeometry(
      size: size,
      stride: positional.isEmpty ? size : try extent(try next("the stride"), "stride", rows: rows),
      padding: try option("padding").map { (v) throws(NotationError) in
        try extent(v, "padding", least: 0, rows: ofSignal ? 0 : nil)
      } ?? 0,
      ceilMode: try ceilMode())
  }

  private func maxPooling(
    _ window: PoolingGeometry
  ) throws(NotationError) -> Architecture.Kind {
    if let problem = MaxPooling.problem(window) { throw error(problem, form) }
    return .maxPooling(
      size: window.size, stride: window.stride, padding: window.padding, ceilMode: window.ceilMode)
  }

  private mutating func interpolation() throws(NotationError) -> Upsampling.Mode {
    switch try option("mode") {
    case nil, "nearest": return .nearest
    case "bilinear": return .bilinear
    case let value?: throw error("mode is “\(value)”", "mode=nearest or mode=bilinear")
    }
  }

  private mutating func ceilMode() throws(NotationError) -> Bool {
    switch try option("mode") {
    case nil, "floor": return false
    case "ceil": return true
    case let value?: throw error("mode is “\(value)”", "mode=floor or mode=ceil")
    }
  }

  private func error(_ problem: String, _ expected: String) -> NotationError {
    NotationError(
      text: text, position: word.position, layer: word.text, problem: problem, expected: expected)
  }
}
