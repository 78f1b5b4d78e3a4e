/// Labeled images of one size, in memory as bytes.
public struct ImageSet: Sendable {
  public let height: Int
  public let width: Int
  public let channels: Int
  /// The number of classes; every label is below it.
  public let classes: Int
  /// `[count, height, width, channels]`, 0…255.
  public let pixels: [UInt8]
  /// `[count]`.
  public let labels: [UInt8]

  /// The number of images.
  public var count: Int { labels.count }

  /// The number of bytes of one image.
  public var imageCount: Int { height * width * channels }

  /// The number of images of each class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// - Precondition: `pixels` holds an image of the given size for each of `labels`, and every
  ///   label is below `classes`.
  public init(
    height: Int, width: Int, channels: Int, classes: Int, pixels: [UInt8], labels: [UInt8]
  ) {
    precondition(
      height > 0 && width > 0 && channels > 0
        && pixels.count == labels.count * height * width * channels,
      "ImageSet: \(pixels.count) pixels for \(labels.count) images of "
        + "\(height)×\(width)×\(channels)")
    precondition(
      labels.allSatisfy { $0 < classes }, "ImageSet: a label is not below \(classes)")
    self.height = height
    self.width = width
    self.channels = channels
    self.classes = classes
    self.pixels = pixels
    self.labels = labels
  }

  /// The bytes of the images at `indices`, in their order, `[indices.count, h, w, c]`.
  public func pixels(of indices: [Int]) -> [UInt8] {
    indices.flatMap { pixels[$0 * imageCount..<($0 + 1) * imageCount] }
  }

  /// Up to `count` examples, ascending within a class: the first example of each class, then the
  /// second of each class, and so on.
  public func oneOfEachClassInTurn(_ count: Int) -> [Int] {
    var members = [[Int]](repeating: [], count: classes)
    for (index, label) in labels.enumerated() where members[Int(label)].count < count {
      members[Int(label)].append(index)
    }
    let turns = (0..<count).flatMap { turn in
      members.compactMap { turn < $0.count ? $0[turn] : nil }
    }
    return Array(turns.prefix(count))
  }

  /// Writes the labels of the images at `indices`, in their order, to `output`, `[indices.count]`.
  public func gatherLabels(
    _ indices: UnsafeBufferPointer<Int>, into output: UnsafeMutablePointer<Int32>
  ) {
    labels.withUnsafeBufferPointer { labels in
      for (place, index) in indices.enumerated() {
        precondition(index >= 0 && index < labels.count, "gatherLabels: image \(index)")
        output[place] = Int32(labels[index])
      }
    }
  }

  /// Writes the labels of the images at `indices`, in their order, to `output`, `[indices.count]`.
  public func gatherLabels(
    _ indices: ArraySlice<Int>, into output: UnsafeMutablePointer<Int32>
  ) {
    indices.withUnsafeBufferPointer { gatherLabels($0, into: output) }
  }
}
