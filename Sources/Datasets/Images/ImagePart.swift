/// A part of a folder of images, by the names that people give the part's folder.
enum ImagePart: CaseIterable {
  case training, test, validation

  /// The names of the part's folder; upper-case letters count as lower-case ones.
  var names: [String] {
    switch self {
    case .training: ["train", "training"]
    case .test: ["test", "testing"]
    case .validation: ["val", "valid", "validation"]
    }
  }

  /// The part whose folder may be called `name`.
  init?(folder name: String) {
    let name = name.lowercased()
    guard let part = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
    self = part
  }
}

/// The folders in a folder of images that have a part's name.
struct ImagePartFolders {
  private let directory: String
  private let folders: [(part: ImagePart, name: String)]

  /// Finds the parts of `directory`, whose content is `listing`; none where the folders are classes.
  ///
  /// A folder with a part's name is a part if it, or another one with a part's name, holds folders. It is
  /// a class if it holds none and is the only one of such a name among other classes.
  init(_ directory: String, _ listing: ImageFolderListing) throws(DatasetError) {
    self.directory = directory
    let named = listing.folders.compactMap { name in
      ImagePart(folder: name).map { (part: $0, name: name) }
    }
    var isParted = false
    for folder in named where !isParted {
      isParted = try !ImageFolderListing("\(directory)/\(folder.name)").folders.isEmpty
    }
    let isClass = named.count == 1 && listing.folders.count > 1
    guard isParted || named.isEmpty || isClass else {
      throw .images(.noClasses(path: "\(directory)/\(named[0].name)"))
    }
    folders = isParted ? named : []
  }

  var isEmpty: Bool { folders.isEmpty }

  /// The names of all parts' folders.
  var names: [String] { folders.map(\.name) }

  /// The path of the folder of `part`, if there is one.
  ///
  /// - Throws: ``ImageFolderError/twoFolders(_:_:)`` where there are more.
  func path(of part: ImagePart) throws(DatasetError) -> String? {
    let paths = names(of: part).map { "\(directory)/\($0)" }
    guard paths.count < 2 else { throw .images(.twoFolders(paths[0], paths[1])) }
    return paths.first
  }

  /// The names of the folders of `part`.
  func names(of part: ImagePart) -> [String] {
    folders.filter { $0.part == part }.map(\.name)
  }
}
