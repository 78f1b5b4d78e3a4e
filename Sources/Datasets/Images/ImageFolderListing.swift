import Files

/// The content of one folder in a folder of images, without files that systems leave in folders.
struct ImageFolderListing {
  /// Names that file managers, archivers and notebooks create, in lower case.
  private static let passedOver: Set = [
    "thumbs.db", "desktop.ini", "__macosx", "@eadir", ".ipynb_checkpoints",
  ]

  /// Sorted by their bytes.
  let folders: [String]
  /// Sorted by their bytes.
  let files: [String]

  /// The files whose names are those of images.
  var images: [String] { files.filter(Self.isImage) }

  /// - Parameter filesCount: true if the files are read, so that their names and links are checked.
  /// - Throws: ``ImageFolderError`` for a dangling link, and for a name that is not UTF-8.
  init(_ path: String, filesCount: Bool = false) throws(DatasetError) {
    let listing: FolderListing
    do throws(FolderProblem) { listing = try FolderListing(path) } catch {
      throw .folder(path, error)
    }
    let entries = listing.entries.filter { !Self.passedOver.contains($0.name.lowercased()) }
    for entry in entries {
      if entry.kind == .danglingLink {
        throw .images(.danglingLink(path: "\(path)/\(entry.name)"))
      }
      if !entry.isText, filesCount || entry.kind == .folder {
        throw .images(.notText(path: "\(path)/\(entry.name)"))
      }
    }
    folders = entries.filter { $0.kind == .folder }.map(\.name)
    files = entries.filter { $0.kind == .file && $0.isText }.map(\.name)
  }

  static func isImage(_ file: String) -> Bool { file.lowercased().hasSuffix(".png") }
}
