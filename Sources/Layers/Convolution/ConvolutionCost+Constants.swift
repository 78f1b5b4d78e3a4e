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
      direct: [1244, 298_900, 8698, 0, 37540, 49370, 1252, 7221, 74240],
      winograd: [1524, 1019, 72060, 8161, 17170, 39620, 474_800, 49910, 13950, 19510],
      winogradRows: [2559, 1769, 15540, 57220, 13580, 861, 674, 12230])

    private static let inference = Constants(
      direct: [1457, 85770, 0, 0, 0, 10520, 1714, 6314, 0],
      winograd: [1293, 1732, 11680, 9151, 27120, 9447, 155_000, 0, 5951, 38470],
      winogradRows: [2408, 2152, 17080, 0, 0, 0, 0, 0])
  }
}
