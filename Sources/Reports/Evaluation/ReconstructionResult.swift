import Datasets
import Training

/// Everything that an evaluation of an autoencoder found.
public struct ReconstructionResult: Sendable {
  /// An example beside its reconstruction.
  public struct Example: Sendable {
    /// The index in the split.
    public let index: Int
    /// The file of the image; nil if it has none of its own.
    public let file: String?
    public let label: Int
    public let loss: Double
    public let original: Raster
    public let reconstruction: Raster
  }

  public let report: ReconstructionReport
  /// The first examples above their reconstructions.
  public let sheet: Raster
  /// The examples of the largest loss, the largest first.
  public let worst: [Example]

  /// The number of examples of the largest loss.
  public static let worstCount = 20

  /// The places of the examples of the largest loss. Equal losses are in the order of the evaluation.
  public static func worstPlaces(_ losses: [Double]) -> [Int] {
    Array(
      losses.indices.sorted { losses[$0] == losses[$1] ? $0 < $1 : losses[$0] > losses[$1] }
        .prefix(worstCount))
  }

  /// - Parameters:
  ///   - sheet: the first examples above their reconstructions.
  ///   - losses: of all examples.
  ///   - indices: of all examples, in their split.
  ///   - fileNames: the file of each image of the split; nil if images have no files of their own.
  ///   - reconstruct: the pixels of the reconstructions of images, `[count, h, w, c]`.
  public init(
    _ report: ReconstructionReport, sheet: Raster, losses: [Double], indices: [Int],
    images: ImageSet, fileNames: [String]?, reconstruct: ([Int]) -> [UInt8]
  ) {
    self.report = report
    self.sheet = sheet
    let places = Self.worstPlaces(losses)
    let pixels = reconstruct(places.map { indices[$0] })
    worst = places.enumerated().map { number, place in
      let (index, size) = (indices[place], images.imageCount)
      return Example(
        index: index, file: fileNames?[index], label: Int(images.labels[index]),
        loss: losses[place], original: Raster(images, index),
        reconstruction: Raster(
          width: images.width, height: images.height, channels: images.channels,
          pixels: Array(pixels[number * size..<(number + 1) * size])))
    }
  }
}
