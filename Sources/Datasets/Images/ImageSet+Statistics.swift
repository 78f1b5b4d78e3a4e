extension ImageSet {
  /// The mean and std of the pixels by channel, scaled to 0…1 and rounded to four decimals like
  /// published values. The std of a constant channel is 1.
  var channelStatistics: (mean: [Float], std: [Float]) {
    var sums = [Int](repeating: 0, count: channels)
    var squares = [Int](repeating: 0, count: channels)
    pixels.withUnsafeBufferPointer { pixels in
      for channel in 0..<channels {
        var (sum, square) = (0, 0)
        for index in stride(from: channel, to: pixels.count, by: channels) {
          let value = Int(pixels[index])
          sum += value
          square += value * value
        }
        (sums[channel], squares[channel]) = (sum, square)
      }
    }
    let n = Double(pixels.count / channels)
    func rounded(_ value: Double) -> Float { Float((value * 1e4).rounded() / 1e4) }
    let means = sums.map { Double($0) / n }
    let stds = zip(means, squares).map { mean, square in
      rounded(max(0, Double(square) / n - mean * mean).squareRoot() / 255)
    }
    return (means.map { rounded($0 / 255) }, stds.map { $0 > 0 ? $0 : 1 })
  }
}
