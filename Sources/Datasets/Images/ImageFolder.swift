import Files
import Tensors

/// How a folder of images is read.
public struct ImageOptions: Sendable, Equatable {
  /// Width and height that every image is fitted into: 28 for gray and 32 for color if nil.
  public var side: Int?
  /// 3 to read gray images as color, 1 to refuse color; what the files are if nil.
  public var channels: Int?
  /// The seed of the split, where the folder has none of its own.
  public var seed: UInt64

  public init(side: Int? = nil, channels: Int? = nil, seed: UInt64 = 1) {
    self.side = side
    self.channels = channels
    self.seed = seed
  }
}

/// A data set of one's own: a folder of PNG files for each class.
///
///     DIR/cat/0001.png  DIR/dog/0001.png …              split by seed
///     DIR/train/cat/0001.png …  DIR/test/cat/0007.png …  as it is; val/ will do for test/
///
/// The classes are the folders' names in the order of their bytes; the examples are in the order of the
/// files' names, and of equal names in that of the classes. Nothing depends on the order in which the
/// file system lists them. Where no part is set aside to test with, a fifth of each class is, drawn
/// by the seed. If any image is RGB all are taken as RGB.
enum ImageFolder {
  /// What `--dataset` calls it.
  static let name = "folder"
  /// One of so many examples is for testing.
  static let testShare = 5
  /// The most bytes that the images may have in memory.
  static let largestCount = 1 << 32

  static func load(
    _ directory: String, split: DatasetSplit, options: ImageOptions
  ) throws(DatasetError) -> LoadedSplit {
    let layout = try ImageLayout(directory, seed: options.seed)
    let channels = try channels(of: layout, options)
    let side = options.side ?? (channels == 1 ? 28 : 32)
    let examples = split == .train ? layout.training : layout.test
    let (images, hashes) = try read(examples, layout.classes.count, side, channels)

    // As `sha256sum` lists the files.
    let list = zip(examples, hashes).map { "\($1)  \($0.relativePath)\n" }.joined()
    let (mean, std) = images.channelStatistics
    return LoadedSplit(
      entry: DatasetEntry(
        name: name, title: "images of \(directory)", format: .folder, height: side, width: side,
        classNames: layout.classes, trainCount: layout.training.count,
        testCount: layout.test.count, mean: mean, std: std, files: [], mirrors: []),
      split: split, images: images,
      files: [.init(path: directory, sha256: Hash.sha256(of: [Array(list.utf8)]))],
      directory: directory, isSample: false, isVerified: false, notices: layout.notices)
  }

  /// The channels that all images are read with.
  private static func channels(
    of layout: ImageLayout, _ options: ImageOptions
  ) throws(DatasetError) -> Int {
    if options.channels == 3 { return 3 }
    let examples = layout.training + layout.test
    let channels = try concurrentMap(examples.count) { number throws(DatasetError) in
      let path = examples[number].path
      let start: [UInt8]
      do throws(InputFileProblem) {
        start = try InputFile.read(
          path, limit: PNGReader.largestFileCount, first: PNGReader.headerCount)
      } catch { throw .file(path: path, error) }
      do throws(PNGReadError) { return try PNGReader.header(start).channels } catch {
        throw .png(path: path, error)
      }
    }
    guard let color = channels.firstIndex(of: 3) else { return 1 }
    guard options.channels != 1 else {
      throw .images(.color(path: examples[color].path))
    }
    return 3
  }

  /// Reads all of `examples`, and the SHA-256 of each file.
  private static func read(
    _ examples: [ImageLayout.Example], _ classes: Int, _ side: Int, _ channels: Int
  ) throws(DatasetError) -> (ImageSet, [String]) {
    let imageCount = side * side * channels
    guard examples.count <= largestCount / imageCount else {
      throw .images(.tooMany(examples.count, side: side))
    }
    var pixels = [UInt8](repeating: 0, count: examples.count * imageCount)
    let hashes = try pixels.withUnsafeMutableBufferPointer { pixels throws(DatasetError) in
      try concurrentMap(examples.count) { number throws(DatasetError) in
        let path = examples[number].path
        let bytes = try Dataset.read(path, limit: PNGReader.largestFileCount)
        var image: Image
        do throws(PNGReadError) { image = try PNGReader.image(bytes) } catch {
          throw .png(path: path, error)
        }
        image = image.fitted(into: side)
        if channels == 3 { image = image.colored }
        // It was gray when the headers were read.
        guard image.channels == channels else { throw .images(.color(path: path)) }
        _ = UnsafeMutableBufferPointer(
          rebasing: pixels[number * imageCount..<(number + 1) * imageCount]
        ).update(fromContentsOf: image.pixels)
        return Hash.sha256(of: [bytes])
      }
    }
    let images = ImageSet(
      height: side, width: side, channels: channels, classes: classes, pixels: pixels,
      labels: examples.map { UInt8($0.label) })
    return (images, hashes)
  }
}

extension ImageSet {
  /// The mean and the standard deviation of the pixels by channel, scaled to 0…1, to four decimals
  /// as published figures are; 1 for the std of a channel that is the same everywhere.
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
