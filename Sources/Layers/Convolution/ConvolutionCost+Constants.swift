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
      direct: [1426, 301_800, 3157, 1988, 40270, 25370, 1218, 10290, 51810],
      winograd: [1843, 1924, 47730, 22840, 18160, 35240, 275_100, 57900, 8506, 10080],
      winogradRows: [2993, 3715, 27760, 31690, 41440, 592, 540, 10030])

    private static let inference = Constants(
      direct: [1457, 85770, 0, 0, 0, 10520, 1714, 6314, 0],
      winograd: [1293, 1732, 11680, 9151, 27120, 9447, 155_000, 0, 5951, 38470],
      winogradRows: [2408, 2152, 17080, 0, 0, 0, 0, 0])
  }
}
