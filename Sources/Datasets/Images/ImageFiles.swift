/// The images in a folder and its sub-folders, without classes.
public struct ImageFiles: Sendable {
  /// The paths, by the names' bytes within each folder.
  public let paths: [String]
  /// A sentence for each file that cannot be read by its name or link.
  public let problems: [String]
  /// The number of files whose names are not those of images.
  public let passedOver: Int

  /// - Throws: ``DatasetError`` for a folder that cannot be listed.
  public init(in folder: String) throws(DatasetError) {
    var root = folder[...]
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    var walk = ImageFolderWalk(passesOverStrays: true)
    let files = try walk.files(in: String(root))
    paths = files.map { root == "/" ? "/\($0)" : "\(root)/\($0)" }
    problems = walk.unreadable.map(\.problem)
    passedOver = walk.strayCount
  }
}
