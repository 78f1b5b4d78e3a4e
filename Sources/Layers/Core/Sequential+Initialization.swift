extension Sequential {
  /// The last layer with trained parameters.
  private var head: (any Layer)? { layers.last { $0.isTrained } }

  /// Draws initial values for all parameters from `seed`.
  public func initialize(seed: UInt64, by initialization: Initialization = .he) {
    let last = head
    var index = 0
    for layer in layers {
      for parameter in layer.parameters {
        let isSmall = layer === last || initialization != .he
        parameter.initialize(seed: seed, index: index, gain: isSmall ? 1.0 / 3 : 2)
        // Batch normalization has no weight matrix, so its bias keeps its initial value.
        if initialization != .he, parameter.name.hasSuffix(".bias"),
          let weight = layer.parameters.first, weight.layout.storedShape.count > 1
        {
          parameter.draw(seed: seed, index: index, bound: 1 / Float(weight.fanIn).squareRoot())
        }
        index += 1
      }
      if initialization == .dirac, let layer = layer as? Convolution2D { layer.passInputsOn() }
    }
  }

  /// Scales the initial weights of the head, so that their standard deviation is `std`.
  ///
  /// The standard deviation of the drawn weights is PyTorch's `weight.std()`, which divides by
  /// `count − 1`.
  public func scaleHead(toStd std: Float) {
    guard let weight = head?.parameters.first(where: { $0.layout.storedShape.count > 1 }) else {
      return
    }
    let values = weight.storedValues()
    let count = Double(values.count)
    guard count > 1 else { return }
    var sum = 0.0
    for value in values { sum += Double(value) }
    let mean = sum / count
    var squares = 0.0
    for value in values { squares += (Double(value) - mean) * (Double(value) - mean) }
    let drawn = (squares / (count - 1)).squareRoot()
    guard drawn > 0 else { return }
    weight.setValues(stored: values.map { Float(Double($0) * Double(std) / drawn) })
  }
}

extension Convolution2D {
  /// Makes filter `i` of each group return the group's input channel `i`, for as many as there are of both:
  /// `W[i, c, u, v] = 1` if `c = i` and `(u, v)` is the kernel's center `(⌊kh/2⌋, ⌊kw/2⌋)`, else 0.
  fileprivate func passInputsOn() {
    var values = weight.storedValues()
    let taps = kernel.height * kernel.width
    let center = kernel.height / 2 * kernel.width + kernel.width / 2
    let (inputs, outputs) = (inputChannels / groups, outputChannels / groups)
    for group in 0..<groups {
      for filter in 0..<min(inputs, outputs) {
        let first = (group * outputs + filter) * inputs * taps
        for place in first..<first + inputs * taps { values[place] = 0 }
        values[first + filter * taps + center] = 1
      }
    }
    weight.setValues(stored: values)
  }
}
