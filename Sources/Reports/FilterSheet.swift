/// An image of all filters of one convolution.
///
///     weights  [output channels, input channels, height, width], PyTorch's layout
///
/// Filters over three input channels are drawn in color, with one tile for each output channel. With any
/// other number of input channels, each of them has a block of gray tiles, one for each output channel.
/// A block has ``columns`` tiles in a row, ordered by output channel, with a border of one black pixel
/// between tiles. Blocks are ordered by input channel, three pixels apart. The number of blocks in a row is
/// a power of two, so the first block of a row has a round number.
///
/// The gray value of a weight is `255·(w − min)/(max − min)`. The image is enlarged by a whole factor:
/// see ``FilterSheet/Layout/factor``.
public struct FilterSheet: Sendable {
  /// The weights that `min` and `max` are taken over.
  public enum Scaling: Sendable {
    /// All weights of the layer, so that tiles of weak and strong filters differ in contrast.
    case layer
    /// The weights of each tile, which show the form of weak filters too.
    case tile
  }

  /// The number of tiles in a row of a block.
  public static let columns = 8

  private let weights: [Float]
  private let scaling: Scaling
  let layout: Layout

  /// A sheet of a convolution's weights.
  ///
  /// - Parameters:
  ///   - weights: the elements in PyTorch's layout. Weights that are not finite are drawn black.
  ///   - shape: `[output channels, input channels, height, width]`, all positive.
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

  /// The image before enlargement, with one pixel for each weight.
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
