import Files

/// Finds the images in a folder and its sub-folders.
struct ImageFolderWalk {
  /// Paths that are passed over.
  private let without: Set<String>
  /// The files found so far that cannot be read by their names or links.
  private(set) var unreadable: [UnreadableImage] = []
  /// The number of files found so far whose names are not those of images, if they are passed over.
  private(set) var strayCount = 0
  private let passesOverStrays: Bool
  /// The folders around those that are walked.
  private let around: [FolderListing.Identity]

  /// - Parameters:
  ///   - passesOverStrays: true to count files whose names are not those of images, and
  ///     false to report them as unreadable.
  ///   - around: the folders around those that are walked, to which no link may lead.
  init(
    without: Set<String> = [], passesOverStrays: Bool = false,
    around: [FolderListing.Identity] = []
  ) {
    self.without = without
    self.around = around
    self.passesOverStrays = passesOverStrays
  }

  /// The paths within `folder` of all files whose names are those of images.
  mutating func files(in folder: String) throws(DatasetError) -> [String] {
    var files: [String] = []
    try list(folder, below: "", inside: around, into: &files)
    return files
  }

  /// - Parameters:
  ///   - prefix: the path of the listed folder within the first one, with a slash at its end.
  ///   - outer: the folders around it, one of which a link may lead to.
  private mutating func list(
    _ folder: String, below prefix: String, inside outer: [FolderListing.Identity],
    into files: inout [String]
  ) throws(DatasetError) {
    let listing = try ImageFolderListing("\(folder)/\(prefix)", isOfImages: true)
    guard !outer.contains(listing.identity) else {
      let path = "\(folder)/\(prefix.dropLast())"
      unreadable.append(UnreadableImage(path, .images(.circular(path: path))))
      return
    }
    for entry in listing.entries {
      let name = prefix + entry.name
      let path = "\(folder)/\(name)"
      guard !without.contains(path) else { continue }
      let isStray = entry.kind == .file && !ImageReader.isImage(name: entry.name)
      if isStray, passesOverStrays {
        strayCount += 1
        continue
      }
      let problem: ImageFolderError?
      if entry.kind == .danglingLink {
        problem = .danglingLink(path: path)
      } else if !entry.isText {
        problem = .notText(path: path)
      } else if isStray {
        problem = .stray(path: path)
      } else {
        problem = nil
      }
      if let problem {
        unreadable.append(UnreadableImage(path, .images(problem)))
      } else if entry.kind == .folder {
        try list(folder, below: "\(name)/", inside: outer + [listing.identity], into: &files)
      } else {
        files.append(name)
      }
    }
  }
}
