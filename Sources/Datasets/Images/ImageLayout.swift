import Files

/// The class and part of each file in a folder of images.
struct ImageLayout {
  struct Example {
    /// The folder of the class.
    let folder: String
    let file: String
    let label: Int
    let className: String

    var path: String { "\(folder)/\(file)" }
    /// `CLASS/FILE`, if the parts have their own folders.
    var relativePath: String { "\(className)/\(file)" }
  }

  enum Parts {
    /// Each part has its own folder. If there is only a test folder, `training` is empty.
    case separate(training: [Example], test: [Example])
    /// There is only a training folder, or there are no parts.
    case together([Example])
  }

  /// Sorted by their bytes.
  let classes: [String]
  let parts: Parts
  /// Sentences for the user about files and folders that are not read.
  let notices: [String]

  /// Reads the names in `directory` and its folders, but not the content of files.
  ///
  /// - Parameters:
  ///   - split: the split to read.
  ///   - testsWhole: true if all of a folder without parts is for testing; one class is enough
  ///     then.
  init(_ directory: String, split: DatasetSplit, testsWhole: Bool) throws(DatasetError) {
    let listing = try ImageFolderListing(directory)
    let folders = try ImagePartFolders(directory, listing)
    guard !folders.isEmpty else {
      classes = try Self.classes(in: directory, atLeast: split == .test && testsWhole ? 1 : 2)
      parts = .together(try Self.everyClass(in: directory, classes))
      notices = Self.besideClasses(in: directory, listing)
      return
    }
    var notices = Self.besideClasses(in: directory, listing)
    let training = try folders.path(of: .training)
    var test = try folders.path(of: .test)
    if test != nil {
      notices += folders.names(of: .validation).map {
        "\(directory)/\($0): not read, because there is a folder "
          + "\(folders.names(of: .test)[0]) as well."
      }
    } else {
      test = try folders.path(of: .validation)
    }
    notices += listing.folders.filter { !folders.names.contains($0) }.map {
      "\(directory)/\($0): not read, because the classes are those in "
        + "\(list([training, test].compactMap { $0 }, "and")). Move the folder there, or elsewhere."
    }

    if training == nil, split == .train {
      throw .images(.noTraining(directory: directory, part: folders.names[0]))
    }
    guard let classRoot = training ?? test else { preconditionFailure("parts without a folder") }
    let classes = try Self.classes(in: classRoot, atLeast: training == nil ? 1 : 2)
    for root in Set([training, test].compactMap { $0 }).sorted(by: precedes) {
      notices += Self.besideClasses(in: root, try ImageFolderListing(root))
    }
    let trainingExamples = try training.map { root throws(DatasetError) in
      try Self.everyClass(in: root, classes)
    }
    let testExamples = try test.map { root throws(DatasetError) in
      try Self.test(in: root, classes)
    }
    if let testExamples {
      parts = .separate(training: trainingExamples ?? [], test: testExamples)
    } else {
      parts = .together(trainingExamples ?? [])
    }
    self.classes = classes
    self.notices = notices
  }

  /// The names of the classes in `root`.
  private static func classes(
    in root: String, atLeast least: Int
  ) throws(DatasetError) -> [String] {
    let classes = try ImageFolderListing(root).folders
    guard (least...256).contains(classes.count) else {
      throw .images(.classCount(directory: root, found: classes.count, atLeast: least))
    }
    // Equal strings may differ in their bytes: é is one code point, or an e and an accent.
    for (index, name) in classes.enumerated() {
      if let other = classes[..<index].first(where: { $0 == name }) {
        throw .images(.sameName("\(root)/\(other)", "\(root)/\(name)"))
      }
    }
    return classes
  }

  /// The files of all `classes` in `root`, each of which has at least one.
  private static func everyClass(
    in root: String, _ classes: [String]
  ) throws(DatasetError) -> [Example] {
    let all = try examples(in: root, classes, of: classes)
    let present = Set(all.map(\.label))
    if let label = classes.indices.first(where: { !present.contains($0) }) {
      throw .images(.emptyClass(path: "\(root)/\(classes[label])"))
    }
    return all
  }

  /// The test files in `root`, of some of `classes`.
  private static func test(
    in root: String, _ classes: [String]
  ) throws(DatasetError) -> [Example] {
    let listing = try ImageFolderListing(root)
    if listing.folders.isEmpty, !listing.images.isEmpty { throw .images(.noClasses(path: root)) }
    let examples = try examples(in: root, listing.folders, of: classes)
    guard !examples.isEmpty else { throw .images(.emptyPart(path: root)) }
    return examples
  }

  /// The files in the folders `names` of `root`, in order.
  private static func examples(
    in root: String, _ names: [String], of classes: [String]
  ) throws(DatasetError) -> [Example] {
    var examples: [Example] = []
    for name in names {
      guard let label = classes.firstIndex(of: name) else {
        throw .images(.unknownClass(path: "\(root)/\(name)", known: classes))
      }
      let listing = try ImageFolderListing("\(root)/\(name)", filesCount: true)
      if let folder = listing.folders.first {
        throw .images(.stray(path: "\(root)/\(name)/\(folder)", isFolder: true))
      }
      for file in listing.files {
        guard ImageFolderListing.isImage(file) else {
          throw .images(.stray(path: "\(root)/\(name)/\(file)", isFolder: false))
        }
        examples.append(
          Example(folder: "\(root)/\(name)", file: file, label: label, className: name))
      }
    }
    return examples.sorted {
      $0.file == $1.file ? $0.label < $1.label : precedes($0.file, $1.file)
    }
  }

  /// A notice about images in `path` that are in no class's folder.
  private static func besideClasses(in path: String, _ listing: ImageFolderListing) -> [String] {
    guard let first = listing.images.first else { return [] }
    return [
      "\(path): PNG files beside the classes' folders are not read (found "
        + "\(listing.images.count), the first of them \(first)). Move them into a class's folder."
    ]
  }
}
