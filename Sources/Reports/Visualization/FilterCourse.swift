/// The pictures of a convolution's filters that a run has drawn over its epochs.
public struct FilterCourse: Sendable {
  /// A file of the run's folder `filters`.
  public struct Picture: Equatable, Sendable {
    public let epoch: Int
    public let name: String
  }

  /// The greatest number of pictures.
  public static let mostPictures = 60

  private let layer: String
  /// By epoch. Of more than ``mostPictures``, some are chosen at equal distances, with the first and the last.
  public let pictures: [Picture]

  /// - Parameter names: the names of files, such as `epoch-003-conv1.png`; those of other layers are left out.
  public init(of layer: String, among names: [String]) {
    self.layer = layer
    let (prefix, suffix) = ("epoch-", "-\(layer).png")
    // By number: as text, epoch 1000 comes before epoch 101.
    let all = names.compactMap { name -> Picture? in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix),
        let epoch = Int(name.dropFirst(prefix.count).dropLast(suffix.count))
      else { return nil }
      return Picture(epoch: epoch, name: name)
    }.sorted { $0.epoch < $1.epoch }
    let last = all.count - 1
    pictures =
      all.count <= Self.mostPictures
      ? all : (0..<Self.mostPictures).map { all[$0 * last / (Self.mostPictures - 1)] }
  }

  /// The pictures as frames.
  ///
  /// - Parameter read: the image of a file; nil if it cannot be read.
  /// - Returns: nil unless at least two pictures can be read and have the size of the first.
  public func strip(_ read: (Picture) -> Raster?) -> FilterStrip? {
    let frames = pictures.compactMap { picture in
      read(picture).map { FilterStrip.Frame(label: "epoch \(picture.epoch)", image: $0) }
    }
    let same = frames.filter {
      $0.image.width == frames[0].image.width && $0.image.height == frames[0].image.height
        && $0.image.channels == frames[0].image.channels
    }
    return same.count > 1 ? FilterStrip(title: "filters of \(layer)", frames: same) : nil
  }
}
