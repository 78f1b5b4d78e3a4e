import Files
import Tensors

/// Options for reading a folder of images.
public struct ImageOptions: Sendable, Equatable {
  /// The width and height of every image; 28 for gray and 32 for color if nil.
  public var side: Int?
  /// 3 to read gray images as color, 1 to refuse color images; nil to decide by the files.
  public var channels: Int?
  /// The seed of the split of a folder without parts.
  public var seed: UInt64
  /// True if all images of a folder without parts are for testing, because nothing was trained on
  /// it.
  public var testsWhole: Bool

  public init(
    side: Int? = nil, channels: Int? = nil, seed: UInt64 = 1, testsWhole: Bool = false
  ) {
    self.side = side
    self.channels = channels
    self.seed = seed
    self.testsWhole = testsWhole
  }
}

/// A data set of the user: a folder of PNG files for each class.
///
///     DIR/cat/0001.png  DIR/dog/0001.png …               split by content: ``ContentSplit``
///     DIR/train/cat/0001.png …  DIR/test/cat/0007.png …  as laid out; other names in ``ImagePart``
///
/// Classes are the folders' names, sorted by their bytes. Examples are sorted by the files' names,
/// and examples of the same name by their classes. The file system's order has no effect. If any
/// image is RGB, all are read as RGB.
enum ImageFolder {
  /// The name for `--dataset`.
  static let name = "folder"
  /// The maximum number of bytes of all images in memory.
  static let largestCount = 1 << 32

  static func load(
    _ directory: String, split: DatasetSplit, options: ImageOptions
  ) throws(DatasetError) -> LoadedSplit {
    let parts = try Parts(directory, split, options)
    let side = options.side ?? (parts.channels == 1 ? 28 : 32)
    let examples = parts.examples(of: split)
    let (images, hashes) = try read(
      examples, parts.layout.classes.count, side, parts.channels)
    let (mean, std) = images.channelStatistics
    return LoadedSplit(
      entry: DatasetEntry(
        name: name, title: "images of \(directory)", format: .folder, height: side, width: side,
        classNames: parts.layout.classes, trainCount: parts.training.count,
        testCount: parts.test.count, mean: mean, std: std, files: [], mirrors: []),
      split: split, images: images,
      files: [.init(path: directory, sha256: listHash(examples, hashes))],
      directory: directory, isSample: false, isVerified: false, notices: parts.notices,
      isSplitBySeed: parts.areDrawn)
  }

  /// The identity of the training images, without decoding any image.
  static func trainingIdentity(
    _ directory: String, options: ImageOptions
  ) throws(DatasetError) -> DataIdentity {
    let examples = try Parts(directory, .train, options).training
    let hashes = try concurrentMap(examples.count) { number throws(DatasetError) in
      Hash.sha256(
        of: [try Dataset.read(examples[number].path, limit: PNGReader.largestFileCount)])
    }
    return DataIdentity(name: name, hashes: [listHash(examples, hashes)])
  }

  /// The SHA-256 of the output that `sha256sum` would print for the files.
  private static func listHash(_ examples: [ImageLayout.Example], _ hashes: [String]) -> String {
    let list = zip(examples, hashes).map { "\($1)  \($0.relativePath)\n" }.joined()
    return Hash.sha256(of: [Array(list.utf8)])
  }

  /// The examples of both splits.
  private struct Parts {
    let layout: ImageLayout
    let training: [ImageLayout.Example]
    let test: [ImageLayout.Example]
    /// The number of channels with which all images are read.
    let channels: Int
    let notices: [String]
    /// True if the seed determines the splits.
    private(set) var areDrawn = false

    init(
      _ directory: String, _ split: DatasetSplit, _ options: ImageOptions
    ) throws(DatasetError) {
      layout = try ImageLayout(directory, split: split, testsWhole: options.testsWhole)
      switch layout.parts {
      case .separate(let training, let test):
        (self.training, self.test) = (training, test)
        notices = layout.notices
        channels = try ImageFolder.channels(
          of: training + test, try ImageFolder.headers(of: training + test), options)
      case .together(let all):
        let files = try ImageFolder.survey(all)
        channels = try ImageFolder.channels(of: all, files.map(\.channels), options)
        if options.testsWhole, split == .test {
          (training, test, notices) = ([], all, layout.notices)
          return
        }
        areDrawn = true
        let split = ContentSplit(
          hashes: files.map(\.hash), labels: all.map(\.label), seed: options.seed)
        guard !split.test.isEmpty else { throw .images(.nothingToTest(directory: directory)) }
        training = split.training.map { all[$0] }
        test = split.test.map { all[$0] }
        let untested = split.untested.map { [classes = layout.classes] in classes[$0] }
        notices =
          layout.notices
          + (untested.isEmpty ? [] : ["\(directory): \(Self.untestedNotice(untested))"])
      }
    }

    func examples(of split: DatasetSplit) -> [ImageLayout.Example] {
      split == .train ? training : test
    }

    private static func untestedNotice(_ classes: [String]) -> String {
      "no image to test with of \(shortList(classes, "and")), because one image or copies of one "
        + "are all there is to train on."
    }
  }

  /// The number of channels of each file.
  private static func headers(
    of examples: [ImageLayout.Example]
  ) throws(DatasetError) -> [Int] {
    try concurrentMap(examples.count) { number throws(DatasetError) in
      let path = examples[number].path
      let start: [UInt8]
      do throws(InputFileProblem) {
        start = try InputFile.read(
          path, limit: PNGReader.largestFileCount, first: PNGReader.headerCount)
      } catch { throw .file(path: path, error) }
      return try channels(path, start)
    }
  }

  /// The number of channels of each file, and its SHA-256.
  private static func survey(
    _ examples: [ImageLayout.Example]
  ) throws(DatasetError) -> [(channels: Int, hash: String)] {
    try concurrentMap(examples.count) { number throws(DatasetError) in
      let path = examples[number].path
      let bytes = try Dataset.read(path, limit: PNGReader.largestFileCount)
      return (try channels(path, bytes), Hash.sha256(of: [bytes]))
    }
  }

  private static func channels(
    _ path: String, _ bytes: [UInt8]
  ) throws(DatasetError) -> Int {
    do throws(PNGReadError) { return try PNGReader.header(bytes).channels } catch {
      throw .png(path: path, error)
    }
  }

  /// The number of channels for reading all images, given that of each file.
  private static func channels(
    of examples: [ImageLayout.Example], _ channels: [Int], _ options: ImageOptions
  ) throws(DatasetError) -> Int {
    if options.channels == 3 { return 3 }
    guard let color = channels.firstIndex(of: 3) else { return 1 }
    guard options.channels != 1 else {
      throw .images(.color(path: examples[color].path))
    }
    return 3
  }

  /// Reads all of `examples`, and computes the SHA-256 of each file.
  private static func read(
    _ examples: [ImageLayout.Example], _ classes: Int, _ side: Int, _ channels: Int
  ) throws(DatasetError) -> (ImageSet, [String]) {
    let imageCount = side * side * channels
    guard examples.count <= largestCount / imageCount else {
      throw .images(.tooMany(examples.count, side: side))
    }
    if let available = AvailableMemory.bytes, examples.count * imageCount > available {
      throw .memory(
        path: examples[0].path, needed: examples.count * imageCount, available: available)
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
        // The file changed from gray to color after its header was read.
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
