extension ConvolutionCost {
  /// The time of one of each count, as `scripts/fit-convolution-costs` fitted it to measured times.
  struct Constants {
    let direct: [Double]
    let winograd: [Double]
    let winogradRows: [Double]

    init(for use: ConvolutionUse) { self = use.isInference ? .inference : .training }

    private init(direct: [Double], winograd: [Double], winogradRows: [Double]) {
      self.direct = direct
      self.winograd = winograd
      self.winogradRows = winogradRows
    }

    private static let training = Constants(
      direct: [1292, 262_000, 8360, 3015, 40050, 17280, 1268, 10550, 85430],
      winograd: [1936, 1583, 56280, 15500, 14430, 22380, 291_000, 122_300, 30170, 0],
      winogradRows: [2009, 7393, 16940, 41430, 32420, 1393, 1343, 10470])

    private static let inference = Constants(
      direct: [1343, 86310, 0, 333, 0, 11130, 1592, 5709, 0],
      winograd: [1709, 1538, 11810, 6901, 18640, 8731, 126_100, 0, 36620, 0],
      winogradRows: [2307, 2720, 22790, 0, 0, 0, 0, 0])
  }
}
