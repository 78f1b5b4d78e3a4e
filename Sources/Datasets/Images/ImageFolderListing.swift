import Files

/// What one folder of a folder of images holds, without what systems leave behind in folders.
struct ImageFolderListing {
  /// Names that file managers, archives and notebooks make, in lower case.
  private static let passedOver: Set = [
    "thumbs.db", "desktop.ini", "__macosx", "@eadir", ".ipynb_checkpoints",
  ]

  /// In the order of their bytes.
  let folders: [String]
  /// In the order of their bytes.
  let files: [String]

  /// The files that are images by their names.
  var images: [String] { files.filter(Self.isImage) }

  /// - Parameter filesCount: whether files are read, so that their names and links matter.
  /// - Throws: ``ImageFolderError`` for a link to nothing, and for a name that is not UTF-8.
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
