import Files
import Tensors

/// Which files of a folder of images belong to which class and part.
struct ImageLayout {
  struct Example {
    /// The folder of the class.
    let folder: String
    let file: String
    let label: Int
    let className: String

    var path: String { "\(folder)/\(file)" }
    /// `CLASS/FILE`, as long as the parts lie in folders of their own.
    var relativePath: String { "\(className)/\(file)" }
  }

  /// In the order of their bytes.
  let classes: [String]
  let training: [Example]
  let test: [Example]
  /// Sentences about folders that are left aside.
  let notices: [String]

  /// Looks at the folders and names in `directory`; at no file's content.
  init(_ directory: String, seed: UInt64) throws(DatasetError) {
    let parts = try Self.list(directory).folders
    var notices: [String] = []
    var root = directory
    var testRoot: String?
    if parts.contains("train") {
      root = "\(directory)/train"
      testRoot = ["test", "val"].first { parts.contains($0) }.map { "\(directory)/\($0)" }
      if parts.contains("test"), parts.contains("val") {
        notices.append("\(directory)/val: not read, because there is a folder test as well.")
      }
    } else if let part = ["test", "val"].first(where: { parts.contains($0) }) {
      throw .images(.noTraining(directory: directory, part: part))
    }

    let classes = try Self.list(root).folders
    guard (2...256).contains(classes.count) else {
      throw .images(.classCount(directory: root, found: classes.count))
    }
    let all = try Self.examples(in: root, classes, of: classes)
    for (label, name) in classes.enumerated() where !all.contains(where: { $0.label == label }) {
      throw .images(.emptyClass(path: "\(root)/\(name)"))
    }
    self.classes = classes
    self.notices = notices
    if let testRoot {
      training = all
      test = try Self.examples(in: testRoot, Self.list(testRoot).folders, of: classes)
      guard !test.isEmpty else { throw .images(.emptyPart(path: testRoot)) }
    } else {
      let count = max(1, all.count / ImageFolder.testShare)
      let chosen = StratifiedChoice(
        of: all.map { UInt8($0.label) }, taking: count, seed: seed, domain: .testSplit)
      training = chosen.rest.map { all[$0] }
      test = chosen.taken.map { all[$0] }
    }
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
      let listing = try list("\(root)/\(name)")
      if let folder = listing.folders.first {
        throw .images(.stray(path: "\(root)/\(name)/\(folder)", isFolder: true))
      }
      for file in listing.files {
        guard file.lowercased().hasSuffix(".png") else {
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

  private static func list(_ path: String) throws(DatasetError) -> FolderListing {
    do throws(FolderProblem) { return try FolderListing(path) } catch {
      throw .folder(path, error)
    }
  }
}

/// Why a folder is no data set of images.
public enum ImageFolderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is a folder to test with, but none to train on.
  case noTraining(directory: String, part: String)
  case classCount(directory: String, found: Int)
  case emptyClass(path: String)
  case emptyPart(path: String)
  /// A class to test with that is not among those to train on.
  case unknownClass(path: String, known: [String])
  /// Something that is no PNG file.
  case stray(path: String, isFolder: Bool)
  /// A color image where gray is expected.
  case color(path: String)
  case tooMany(Int, side: Int)

  public var description: String {
    switch self {
    case .noTraining(let directory, let part):
      "\(directory): a folder \(part) without a folder train. Add it, or give the folder that holds "
        + "the classes' folders."
    case .classCount(let directory, let found):
      "\(directory): not a folder of classes (found \(found) folders, expected 2 to 256). Put the "
        + "PNG files of each class into a folder of their own."
    case .emptyClass(let path):
      "\(path): no images of this class (found 0 PNG files, expected at least 1). Add some, or "
        + "remove the folder."
    case .emptyPart(let path):
      "\(path): no images (found 0 PNG files, expected at least 1). Add some, or remove the folder."
    case .unknownClass(let path, let known):
      "\(path): no such class to train on (expected one of \(known.prefix(20).joined(separator: ", "))"
        + "\(known.count > 20 ? ", …" : "")). Rename the folder, or remove it."
    case .stray(let path, let isFolder):
      "\(path): \(isFolder ? "is a folder" : "its name does not end in .png") "
        + "(expected PNG files only). Convert it, or move it elsewhere."
    case .color(let path):
      "\(path): a color image (found RGB, expected gray as the others). Convert it, or remove it."
    case .tooMany(let count, let side):
      "\(count) images of \(side)×\(side) pixels take more than "
        + "\(ImageFolder.largestCount >> 30) GiB. Give a smaller --image-size."
    }
  }
}
