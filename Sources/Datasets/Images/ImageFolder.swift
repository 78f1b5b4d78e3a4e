import Files
import Tensors

/// A data set of the user: a folder of PNG and JPEG files for each class.
///
///     DIR/cat/0001.png  DIR/dog/0001.jpg …               split by content: ``ContentSplit``
///     DIR/train/cat/0001.png …  DIR/test/cat/0007.png …  as laid out; other names in ``ImagePart``
///
/// Classes are the folders' names, sorted by their bytes. Deeper folders belong to their class.
/// Examples are sorted by the files' names, and examples of the same name by their classes. The
/// file system's order has no effect. If any image is in color, all are read as RGB.
enum ImageFolder {
  /// The name for `--dataset`.
  static let name = "folder"
  /// The maximum number of bytes of all images in memory.
  static let largestCount = 1 << 32

  /// Loads splits. All files of these splits that cannot be read are found before it throws.
  static func load(
    _ directory: String, splits: [DatasetSplit], options: ImageOptions
  ) throws(DatasetError) -> [LoadedSplit] {
    var skipped: [UnreadableImage] = []
    while true {
      // Without the files that the last pass could not decode, the plan is that of the rest.
      let plan = try ImagePlan(directory, splits, options, without: skipped)
      let side = options.side ?? (plan.channels == 1 ? 28 : 32)
      // A file of the other split may have a part in the division into splits.
      let needed = options.skipsUnreadable ? DatasetSplit.allCases : splits
      try checkMemory(needed.flatMap { plan.examples(of: $0) }, side: side, plan.channels)
      var contents: [DatasetSplit: Content] = [:]
      for split in needed {
        contents[split] = try read(plan.examples(of: split), side, plan, options)
      }
      let undecoded = needed.flatMap { contents[$0]!.unreadable }
      let unreadable = plan.unreadable + undecoded
      guard unreadable.isEmpty || options.skipsUnreadable else {
        throw UnreadableImage.error(about: unreadable, of: plan.fileCount, in: directory)
      }
      guard undecoded.isEmpty else {
        skipped += undecoded
        continue
      }
      let left = UnreadableImage.notice(
        about: plan.unreadable + skipped, of: plan.fileCount + skipped.count, in: directory)
      let notices = plan.notices + [left].compactMap { $0 }
      return splits.map { split in
        loaded(split, contents[split]!, plan, directory, side: side, notices: notices)
      }
    }
  }

  private static func loaded(
    _ split: DatasetSplit, _ content: Content, _ plan: ImagePlan, _ directory: String, side: Int,
    notices: [String]
  ) -> LoadedSplit {
    let examples = plan.examples(of: split)
    let images = ImageSet(
      height: side, width: side, channels: plan.channels, classes: plan.classes.count,
      pixels: content.pixels, labels: examples.map { UInt8($0.label) })
    let (mean, std) = images.channelStatistics
    var loaded = LoadedSplit(
      entry: DatasetEntry(
        name: name, title: "images of \(directory)", format: .folder, height: side, width: side,
        classNames: plan.classes, trainCount: plan.training.count, testCount: plan.test.count,
        mean: mean, std: std, files: [], mirrors: []),
      split: split, images: images,
      files: [.init(path: directory, sha256: listHash(examples, content.hashes))],
      directory: directory, isSample: false, isVerified: false, notices: notices,
      isSplitBySeed: plan.areDrawn)
    loaded.fileNames = examples.map { example in
      String(decoding: example.path.utf8.dropFirst(directory.utf8.count + 1), as: UTF8.self)
    }
    loaded.isTransparent = content.isTransparent
    loaded.leavesFilesOut = !plan.unreadable.isEmpty || !plan.without.isEmpty
    return loaded
  }

  /// The identity of the training images. No image is decoded, unless unreadable files are left out.
  static func trainingIdentity(
    _ directory: String, options: ImageOptions
  ) throws(DatasetError) -> DataIdentity {
    if options.skipsUnreadable {
      return try load(directory, splits: [.train], options: options)[0].identity
    }
    let plan = try ImagePlan(directory, [.train], options, without: [])
    guard plan.unreadable.isEmpty else {
      throw UnreadableImage.error(about: plan.unreadable, of: plan.fileCount, in: directory)
    }
    let examples = plan.training
    let hashes = try concurrentMap(examples.count) { number throws(DatasetError) in
      Hash.sha256(
        of: [try Dataset.read(examples[number].path, limit: ImageReader.largestFileCount)])
    }
    return DataIdentity(name: name, hashes: [listHash(examples, hashes)])
  }

  /// The SHA-256 of the output that `sha256sum` would print for the files.
  private static func listHash(_ examples: [ImageLayout.Example], _ hashes: [String]) -> String {
    let list = zip(examples, hashes).map { "\($1)  \($0.relativePath)\n" }.joined()
    return Hash.sha256(of: [Array(list.utf8)])
  }

  private static func checkMemory(
    _ examples: [ImageLayout.Example], side: Int, _ channels: Int
  ) throws(DatasetError) {
    let imageCount = side * side * channels
    guard examples.count <= largestCount / imageCount else {
      throw .images(.tooMany(examples.count, side: side))
    }
    if let available = AvailableMemory.bytes, let first = examples.first,
      examples.count * imageCount > available
    {
      throw .memory(
        path: first.path, needed: examples.count * imageCount, available: available)
    }
  }

  /// The content of the files of a split.
  private struct Content {
    /// `[examples, side, side, channels]`
    var pixels: [UInt8]
    /// The SHA-256 of each file.
    var hashes: [String] = []
    var isTransparent = false
    var unreadable: [UnreadableImage] = []
  }

  private static func read(
    _ examples: [ImageLayout.Example], _ side: Int, _ plan: ImagePlan, _ options: ImageOptions
  ) throws(DatasetError) -> Content {
    let imageCount = side * side * plan.channels
    var content = Content(pixels: [UInt8](repeating: 0, count: examples.count * imageCount))
    let files = try content.pixels.withUnsafeMutableBufferPointer { pixels throws(DatasetError) in
      try concurrentMap(examples.count) { number throws(DatasetError) in
        try read(
          examples[number].path, side, channels: plan.channels, options.background,
          into: UnsafeMutableBufferPointer(
            rebasing: pixels[number * imageCount..<(number + 1) * imageCount]))
      }
    }
    for file in files {
      switch file {
      case .success(let file):
        content.hashes.append(file.hash)
        if file.isTransparent { content.isTransparent = true }
      case .failure(let problem): content.unreadable.append(problem)
      }
    }
    return content
  }

  /// Reads one image into `output`, `[side, side, channels]`.
  private static func read(
    _ path: String, _ side: Int, channels: Int, _ background: UInt8,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) throws(DatasetError) -> Result<(hash: String, isTransparent: Bool), UnreadableImage> {
    let bytes: [UInt8]
    let decoded: ImageReader.Decoded
    do throws(DatasetError) {
      bytes = try Dataset.read(path, limit: ImageReader.largestFileCount)
      do throws(ImageReadError) {
        decoded = try ImageReader.decode(bytes, background: background)
      } catch { throw .image(path: path, error) }
    } catch { return .failure(UnreadableImage(path, error)) }
    var image = decoded.image.fitted(into: side)
    if channels == 3 { image = image.colored }
    // The file changed from gray to color after its header was read.
    guard image.channels == channels else { throw .images(.color(path: path)) }
    _ = output.update(fromContentsOf: image.pixels)
    return .success((Hash.sha256(of: [bytes]), decoded.isTransparent))
  }
}
