/// A part of a folder of images, identified by the name of its folder.
enum ImagePart: CaseIterable {
  case training, test, validation

  /// The names of the part's folder; upper and lower case are equal.
  var names: [String] {
    switch self {
    case .training: ["train", "training"]
    case .test: ["test", "testing"]
    case .validation: ["val", "valid", "validation"]
    }
  }

  /// The part with the folder name `name`.
  init?(folder name: String) {
    let name = name.lowercased()
    guard let part = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
    self = part
  }
}

/// The folders for parts in a folder of images.
struct ImagePartFolders {
  private let directory: String
  private let folders: [(part: ImagePart, name: String)]

  /// Finds the parts of `directory`, which contains `listing`; none if all its folders are classes.
  ///
  /// A folder with a part's name is a part if it, or another folder with a part's name, holds
  /// folders. Such a folder is a class if it holds no folders, is the only folder with a part's
  /// name, and other classes lie beside it.
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
  /// - Throws: ``ImageFolderError/twoFolders(_:_:)`` if there are several.
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
