import Files

/// The class and part of each file in a folder of images.
struct ImageLayout {
  struct Example {
    /// The folder of the part, or the whole folder.
    let root: String
    /// The path within the class's folder.
    let file: String
    let label: Int
    let className: String

    var path: String { "\(root)/\(className)/\(file)" }
    /// `CLASS/FILE`, if the parts have their own folders.
    var relativePath: String { "\(className)/\(file)" }
  }

  enum Parts {
    /// Each part has its own folder. If there is only a test folder, `training` is empty.
    case separate(training: [Example], test: [Example])
    /// There is only a training folder, or there are no parts.
    case together([Example])

    /// The examples of all parts.
    var all: [Example] {
      switch self {
      case .separate(let training, let test): training + test
      case .together(let all): all
      }
    }

    var areTogether: Bool { if case .together = self { true } else { false } }
  }

  /// Sorted by their bytes.
  let classes: [String]
  let parts: Parts
  /// The folder of the classes' folders.
  private let root: String
  /// The folder of the test part, if it has one.
  private let testRoot: String?
  /// Sentences for the user about files and folders that are not read.
  let notices: [String]

  /// Reads the names in `directory` and its folders, but not the content of files.
  ///
  /// - Parameters:
  ///   - isTrained: true if the training split is read.
  ///   - testsWhole: true if all of a folder without parts is for testing; one class is enough
  ///     then.
  ///   - without: paths that are passed over.
  ///   - unreadable: gets the files that cannot be read by their names or links.
  init(
    _ directory: String, isTrained: Bool, testsWhole: Bool, without: Set<String> = [],
    unreadable: inout [UnreadableImage]
  ) throws(DatasetError) {
    let listing = try ImageFolderListing(directory)
    let folders = try ImagePartFolders(directory, listing)
    func examples(in root: String, _ names: [String], of classes: [String])
      throws(DatasetError) -> [Example]
    {
      var walk = ImageFolderWalk(
        without: without, around: [listing.identity, try ImageFolderListing(root).identity])
      defer { unreadable += walk.unreadable }
      return try Self.examples(in: root, names, of: classes, &walk)
    }
    guard !folders.isEmpty else {
      classes = try Self.classes(in: directory, atLeast: testsWhole ? 1 : 2)
      parts = .together(try examples(in: directory, classes, of: classes))
      (root, testRoot) = (directory, nil)
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

    if training == nil, isTrained {
      throw .images(.noTraining(directory: directory, part: folders.names[0]))
    }
    guard let classRoot = training ?? test else { preconditionFailure("parts without a folder") }
    let classes = try Self.classes(in: classRoot, atLeast: training == nil ? 1 : 2)
    for root in Set([training, test].compactMap { $0 }).sorted(by: precedes) {
      notices += Self.besideClasses(in: root, try ImageFolderListing(root))
    }
    let trainingExamples = try training.map { root throws(DatasetError) in
      try examples(in: root, classes, of: classes)
    }
    let testExamples = try test.map { root throws(DatasetError) in
      try examples(in: root, try Self.testFolders(in: root), of: classes)
    }
    if let testExamples {
      parts = .separate(training: trainingExamples ?? [], test: testExamples)
    } else {
      parts = .together(trainingExamples ?? [])
    }
    self.classes = classes
    self.notices = notices
    (root, testRoot) = (classRoot, test)
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

  /// Throws unless each class has at least one of `examples`.
  func checkClasses(of examples: [Example]) throws(DatasetError) {
    let present = Set(examples.map(\.label))
    if let label = classes.indices.first(where: { !present.contains($0) }) {
      throw .images(.emptyClass(path: "\(root)/\(classes[label])"))
    }
  }

  /// Throws if the test part has a folder and none of `examples`.
  func checkTest(_ examples: [Example]) throws(DatasetError) {
    if let testRoot, examples.isEmpty { throw .images(.emptyPart(path: testRoot)) }
  }

  /// The names of the classes' folders in the folder of the test part.
  private static func testFolders(in root: String) throws(DatasetError) -> [String] {
    let listing = try ImageFolderListing(root)
    if listing.folders.isEmpty, !listing.images.isEmpty { throw .images(.noClasses(path: root)) }
    return listing.folders
  }

  /// The files in the folders `names` of `root`, in order.
  private static func examples(
    in root: String, _ names: [String], of classes: [String], _ walk: inout ImageFolderWalk
  ) throws(DatasetError) -> [Example] {
    var examples: [Example] = []
    for name in names {
      guard let label = classes.firstIndex(of: name) else {
        throw .images(.unknownClass(path: "\(root)/\(name)", known: classes))
      }
      for file in try walk.files(in: "\(root)/\(name)") {
        examples.append(Example(root: root, file: file, label: label, className: name))
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
      "\(path): images beside the classes' folders are not read (found "
        + "\(listing.images.count), the first of them \(first)). Move them into a class's folder."
    ]
  }
}
