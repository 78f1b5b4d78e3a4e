/// An image of all the kernels of one convolution.
///
///     weights  [outputs, inputs, height, width], as PyTorch orders them
///
/// Kernels over three input channels are drawn in color, one tile for each output channel. For any
/// other number each input channel has a block of its own, a gray tile for each output channel. In
/// a block the tiles stand in ``columns`` columns, ordered by output channel, with a border of one
/// black pixel between them. Blocks are ordered by input channel and stand three pixels apart; how
/// many stand beside one another is a power of two, so that rows of blocks begin at round numbers.
///
/// The gray value of a weight is `255·(w − min)/(max − min)`. The image is enlarged by a whole
/// factor, each pixel becoming a square: see ``FilterSheet/Layout/factor``.
public struct FilterSheet: Sendable {
  /// Over which weights `min` and `max` are taken.
  public enum Scaling: Sendable {
    /// Over all of the layer's weights, so that weak kernels look weak and images of one layer
    /// compare tile with tile.
    case layer
    /// Over each tile, which shows the form of a kernel whatever its strength.
    case tile
  }

  /// How many tiles of a block stand beside one another.
  public static let columns = 8

  private let weights: [Float]
  private let scaling: Scaling
  let layout: Layout

  /// A sheet of a convolution's weights.
  ///
  /// - Parameters:
  ///   - weights: the elements in PyTorch's order; those that are not finite are drawn black.
  ///   - shape: `[outputs, inputs, kernel height, kernel width]`, all positive.
  public init(weights: [Float], shape: [Int], scaling: Scaling = .layer) {
    precondition(
      shape.count == 4 && shape.allSatisfy { $0 > 0 }, "FilterSheet: weights of shape \(shape)")
    precondition(
      weights.count == shape.reduce(1, *),
      "FilterSheet: \(weights.count) weights for the shape \(shape)")
    self.weights = weights
    self.scaling = scaling
    self.layout = Layout(outputs: shape[0], inputs: shape[1], height: shape[2], width: shape[3])
  }

  /// The image, enlarged.
  public var raster: Raster { plain.enlarged(by: layout.factor) }

  /// The image with one pixel for each weight.
  var plain: Raster {
    var pixels = [UInt8](repeating: 0, count: layout.width * layout.height * layout.channels)
    let kernel = layout.kernelHeight * layout.kernelWidth
    let tileCount = kernel * layout.channels
    let whole = ValueRange(weights[...])

    for output in 0..<layout.outputs {
      for block in 0..<layout.blocks {
        let first = (output * layout.blocks + block) * tileCount
        let tile = weights[first..<first + tileCount]
        let range = scaling == .layer ? whole : ValueRange(tile)
        let (left, top) = layout.origin(output: output, block: block)
        for channel in 0..<layout.channels {
          for y in 0..<layout.kernelHeight {
            for x in 0..<layout.kernelWidth {
              let weight = tile[first + channel * kernel + y * layout.kernelWidth + x]
              let pixel = (top + y) * layout.width + left + x
              pixels[pixel * layout.channels + channel] = range.gray(weight)
            }
          }
        }
      }
    }
    return Raster(
      width: layout.width, height: layout.height, channels: layout.channels, pixels: pixels)
  }

  /// The least and the greatest of the finite weights.
  private struct ValueRange {
    var least = Double.infinity
    var greatest = -Double.infinity

    init(_ weights: ArraySlice<Float>) {
      for weight in weights where weight.isFinite {
        least = min(least, Double(weight))
        greatest = max(greatest, Double(weight))
      }
    }

    /// 0 for the least weight, 255 for the greatest, 128 when all are equal.
    func gray(_ weight: Float) -> UInt8 {
      guard weight.isFinite else { return 0 }
      guard greatest > least else { return 128 }
      return UInt8((255 * (Double(weight) - least) / (greatest - least)).rounded())
    }
  }
}
