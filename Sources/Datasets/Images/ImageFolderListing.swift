import Files

/// The content of one folder in a folder of images, without files that systems leave in folders.
struct ImageFolderListing {
  /// Names that file managers, archivers and notebooks create, in lower case.
  private static let passedOver: Set = [
    "thumbs.db", "desktop.ini", "__macosx", "@eadir", ".ipynb_checkpoints",
  ]

  /// All entries, sorted by their bytes.
  let entries: [FolderListing.Entry]
  /// The folder itself.
  let identity: FolderListing.Identity

  /// The UTF-8 names of folders.
  var folders: [String] { names(.folder) }
  /// The UTF-8 names of files.
  var files: [String] { names(.file) }
  /// The files whose names are those of images.
  var images: [String] { files.filter(ImageReader.isImage(name:)) }

  private func names(_ kind: FolderListing.Entry.Kind) -> [String] {
    entries.filter { $0.kind == kind && $0.isText }.map(\.name)
  }

  /// Lists the folder at `path`.
  ///
  /// - Parameter isOfImages: true for a folder in a class, whose files are read and checked later.
  /// - Throws: ``ImageFolderError`` for a dangling link, and for a folder whose name is not UTF-8,
  ///   unless `isOfImages`.
  init(_ path: String, isOfImages: Bool = false) throws(DatasetError) {
    let listing: FolderListing
    do throws(FolderProblem) { listing = try FolderListing(path) } catch {
      throw .folder(path, error)
    }
    entries = listing.entries.filter { !Self.passedOver.contains($0.name.lowercased()) }
    identity = listing.identity
    for entry in entries where !isOfImages {
      if entry.kind == .danglingLink {
        throw .images(.danglingLink(path: "\(path)/\(entry.name)"))
      }
      if !entry.isText, entry.kind == .folder {
        throw .images(.notText(path: "\(path)/\(entry.name)"))
      }
    }
  }
}
