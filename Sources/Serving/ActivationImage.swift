import Files
import Tensors
import Training

/// The output of a layer as gray images, one for each channel, for people to look at.
///
/// A byte is `128 + 127·v/s`, rounded to the nearest whole number, where `s` is the greatest absolute
/// value of the layer: 128 is 0, and brighter is positive.
struct ActivationImage {
  private let name: String
  private let height: Int
  private let width: Int
  /// The number of channels, of which the first `shown` are sent.
  private let channels: Int
  private let shown: Int
  private let scale: Float
  /// `[shown, height, width]`
  private let bytes: [UInt8]

  /// The maximum number of features of an output that is no image.
  private static let featureLimit = 4096

  init(_ output: Model.LayerOutput, channelLimit: Int) {
    name = output.name
    let shape = output.shape
    if shape.rank == 4 {
      (height, width, channels) = (shape[1], shape[2], shape[3])
      shown = min(channels, channelLimit)
    } else {
      // Features are a row of pixels.
      (height, channels, shown) = (1, 1, 1)
      width = min(shape.countPerExample, Self.featureLimit)
    }
    let scale = output.values.reduce(0) { max($0, abs($1)) }
    self.scale = scale
    let count = height * width
    var bytes = [UInt8](repeating: 128, count: shown * count)
    if scale > 0 {
      for channel in 0..<shown {
        for place in 0..<count {
          let value = output.values[place * channels + channel]
          bytes[channel * count + place] = UInt8(128 + (127 * (value / scale)).rounded())
        }
      }
    }
    self.bytes = bytes
  }

  var json: CanonicalJSON {
    [
      "name": .string(name), "height": .integer(height), "width": .integer(width),
      "channels": .integer(channels), "shown": .integer(shown), "scale": .float(scale),
      "bytes": .string(Base64.encode(bytes)),
    ]
  }
}
