/// Why a normalization cannot be used.
public enum NormalizationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Neither one number for all channels nor one for each channel.
  case count(of: String, found: Int, channels: Int)
  case mean(Float)
  case std(Float)

  public var description: String {
    switch self {
    case .count(let name, let found, let channels):
      "the \(name) has \(found) numbers (expected \(channels == 1 ? "1" : "1 or \(channels)"))"
    case .mean(let value): "the mean is \(value) (expected a finite number)"
    case .std(let value):
      "the standard deviation is \(value) (expected a finite number above 0)"
    }
  }
}

/// Converts bytes to the network's input, channel by channel:
///
///     x = (byte / 255 − mean) / std
///
/// in Float, rounded after each operation as in PyTorch's `ToTensor` and `Normalize`. A table holds
/// the 256 results of each channel.
public struct Normalization: Sendable, Equatable {
  /// `[channels]`, of pixels scaled to 0…1.
  public let mean: [Float]
  /// `[channels]`, of pixels scaled to 0…1.
  public let std: [Float]
  /// `[channels, 256]`.
  private let table: [Float]

  public var channels: Int { mean.count }

  /// - `mean`: one number for all channels, or one for each channel.
  /// - `std`: one number for all channels, or one for each channel.
  public init(
    mean: [Float], std: [Float], channels: Int
  ) throws(NormalizationError) {
    precondition(channels > 0, "Normalization: \(channels) channels")
    guard mean.count == 1 || mean.count == channels else {
      throw .count(of: "mean", found: mean.count, channels: channels)
    }
    guard std.count == 1 || std.count == channels else {
      throw .count(of: "standard deviation", found: std.count, channels: channels)
    }
    if let wrong = mean.first(where: { !$0.isFinite }) { throw .mean(wrong) }
    if let wrong = std.first(where: { !($0.isFinite && $0 > 0) }) {
      throw .std(wrong)
    }
    let spread = (0..<channels).map { (mean[$0 % mean.count], std[$0 % std.count]) }
    self.mean = spread.map(\.0)
    self.std = spread.map(\.1)
    self.table = spread.flatMap { mean, std in
      (0..<256).map { (Float($0) / 255 - mean) / std }
    }
  }

  /// The network's input for `byte` in `channel`.
  public func value(of byte: UInt8, channel: Int) -> Float {
    precondition(channel >= 0 && channel < channels, "Normalization: channel \(channel)")
    return table[256 * channel + Int(byte)]
  }

  /// The byte that is nearest to `value`, the inverse of ``value(of:channel:)``; 0 for a NaN.
  public func byte(of value: Float, channel: Int) -> UInt8 {
    precondition(channel >= 0 && channel < channels, "Normalization: channel \(channel)")
    let scaled = 255 * (value * std[channel] + mean[channel])
    return scaled > 0 ? UInt8(min(scaled, 255).rounded()) : 0
  }

  /// True if pixels are only scaled to 0…1.
  public var isIdentity: Bool { mean.allSatisfy { $0 == 0 } && std.allSatisfy { $0 == 1 } }

  /// Writes the images at `indices`, in their order, to `output`, `[indices.count, h, w, c]`.
  public func gather(
    _ indices: UnsafeBufferPointer<Int>, from images: ImageSet,
    into output: UnsafeMutablePointer<Float>
  ) {
    precondition(
      images.channels == channels,
      "Normalization of \(channels) channels for images of \(images.channels)")
    let imageCount = images.imageCount
    images.pixels.withUnsafeBufferPointer { pixels in
      for (place, index) in indices.enumerated() {
        precondition(index >= 0 && index < images.count, "gather: image \(index)")
        normalize(
          pixels.baseAddress! + index * imageCount, count: imageCount,
          into: output + place * imageCount)
      }
    }
  }

  /// Writes `count` values of pixels, `[…, channels]`, to `output`.
  public func normalize(
    _ pixels: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<Float>
  ) {
    table.withUnsafeBufferPointer { table in
      let table = table.baseAddress!
      switch channels {
      case 1: for i in 0..<count { output[i] = table[Int(pixels[i])] }
      case 3:
        for pixel in 0..<count / 3 {
          let (x, y) = (pixels + 3 * pixel, output + 3 * pixel)
          y[0] = table[Int(x[0])]
          y[1] = table[256 + Int(x[1])]
          y[2] = table[512 + Int(x[2])]
        }
      default:
        for pixel in stride(from: 0, to: count, by: channels) {
          for channel in 0..<channels {
            output[pixel + channel] = table[256 * channel + Int(pixels[pixel + channel])]
          }
        }
      }
    }
  }

  /// Writes the images at `indices`, in their order, to `output`, `[indices.count, h, w, c]`.
  public func gather(
    _ indices: ArraySlice<Int>, from images: ImageSet, into output: UnsafeMutablePointer<Float>
  ) {
    indices.withUnsafeBufferPointer { gather($0, from: images, into: output) }
  }
}
