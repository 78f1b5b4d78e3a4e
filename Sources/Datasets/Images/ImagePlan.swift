import Files

/// The examples of both splits of a folder of images, by the files' names and headers.
struct ImagePlan {
  let classes: [String]
  let training: [ImageLayout.Example]
  let test: [ImageLayout.Example]
  /// The number of channels with which all images are read.
  let channels: Int
  let notices: [String]
  /// True if the seed determines the splits.
  let areDrawn: Bool
  /// The files that cannot be read, by their names, links or headers.
  let unreadable: [UnreadableImage]
  /// The number of files, with those that cannot be read.
  let fileCount: Int
  /// The files that an earlier pass found unreadable.
  let without: [UnreadableImage]

  /// Plans the reading of `splits`, as if the files of `without` were not there.
  init(
    _ directory: String, _ splits: [DatasetSplit], _ options: ImageOptions,
    without: [UnreadableImage]
  ) throws(DatasetError) {
    self.without = without
    var unreadable: [UnreadableImage] = []
    var fileCount = 0
    do throws(DatasetError) {
      let layout = try ImageLayout(
        directory, isTrained: splits.contains(.train),
        testsWhole: options.testsWhole && !splits.contains(.train),
        without: Set(without.map(\.path)), unreadable: &unreadable)
      classes = layout.classes
      let all = layout.parts.all
      let files = Self.survey(all, withHashes: layout.parts.areTogether)
      fileCount = all.count + unreadable.count
      unreadable += files.compactMap { if case .failure(let problem) = $0 { problem } else { nil } }
      let known = zip(all, files).compactMap { example, file in
        (try? file.get()).map { (example: example, channels: $0.channels, hash: $0.hash) }
      }
      let examples = known.map(\.example)
      channels = try Self.channels(of: examples, known.map(\.channels), options)
      switch layout.parts {
      case .separate(let training, let test):
        let readable = Set(examples.map(\.path))
        self.training = training.filter { readable.contains($0.path) }
        self.test = test.filter { readable.contains($0.path) }
        (notices, areDrawn) = (layout.notices, false)
        if !training.isEmpty { try layout.checkClasses(of: self.training) }
        try layout.checkTest(self.test)
      case .together:
        try layout.checkClasses(of: examples)
        if options.testsWhole, !splits.contains(.train) {
          (training, test, notices, areDrawn) = ([], examples, layout.notices, false)
        } else {
          let split = ContentSplit(
            hashes: known.map(\.hash), labels: examples.map(\.label), seed: options.seed)
          guard !split.test.isEmpty else { throw .images(.nothingToTest(directory: directory)) }
          training = split.training.map { examples[$0] }
          test = split.test.map { examples[$0] }
          notices =
            layout.notices
            + Self.untestedNotices(split.untested.map { layout.classes[$0] }, in: directory)
          areDrawn = true
        }
      }
    } catch {
      // A class may seem to be empty because its files cannot be read.
      guard unreadable.isEmpty || options.skipsUnreadable else {
        throw UnreadableImage.error(
          about: unreadable, of: max(fileCount, unreadable.count), in: directory)
      }
      throw error
    }
    self.unreadable = unreadable
    self.fileCount = fileCount
  }

  func examples(of split: DatasetSplit) -> [ImageLayout.Example] {
    split == .train ? training : test
  }

  private static func untestedNotices(_ classes: [String], in directory: String) -> [String] {
    guard !classes.isEmpty else { return [] }
    return [
      "\(directory): no image to test with of \(shortList(classes, "and")), because one image or "
        + "copies of one are all there is to train on."
    ]
  }

  /// The number of channels of each file, and its SHA-256 with `withHashes`.
  private static func survey(
    _ examples: [ImageLayout.Example], withHashes: Bool
  ) -> [Result<(channels: Int, hash: String), UnreadableImage>] {
    concurrentMap(examples.count) { number in
      let path = examples[number].path
      do throws(DatasetError) {
        guard withHashes else { return .success((try header(path).channels, "")) }
        let bytes = try Dataset.read(path, limit: ImageReader.largestFileCount)
        return .success((try header(path, bytes).channels, Hash.sha256(of: [bytes])))
      } catch { return .failure(UnreadableImage(path, error)) }
    }
  }

  /// The number of bytes of a file in which most headers end.
  private static let usualHeaderCount = 1 << 14

  /// The header of the file at `path`, of which only the start is read, if possible.
  private static func header(_ path: String) throws(DatasetError) -> ImageReader.Header {
    let start: [UInt8]
    do throws(InputFileProblem) {
      start = try InputFile.read(
        path, limit: ImageReader.largestFileCount, first: usualHeaderCount)
    } catch { throw .file(path: path, error) }
    if start.count < usualHeaderCount { return try header(path, start) }
    do throws(ImageReadError) {
      if let header = try ImageReader.header(start) { return header }
    } catch { throw .image(path: path, error) }
    return try header(path, try Dataset.read(path, limit: ImageReader.largestFileCount))
  }

  /// The header in the whole file `bytes`.
  private static func header(
    _ path: String, _ bytes: [UInt8]
  ) throws(DatasetError) -> ImageReader.Header {
    do throws(ImageReadError) {
      guard let header = try ImageReader.header(bytes) else {
        throw .damaged(.jpeg, "the data ends early")
      }
      return header
    } catch { throw .image(path: path, error) }
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
}
