import Files
import Tensors

/// Why a data set could not be loaded. The `description` is one line: where, what is wrong, what
/// was found and expected, and what to do.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownName(String, known: [String])
  /// The given folder cannot be listed.
  case folder(String, FolderProblem)
  /// The given folder has none of the data set's files.
  case noFiles(directory: String, name: String, looked: [String], in: [String])
  /// A folder has only some of the required files; `missing` lists the accepted names of a missing
  /// one.
  case incomplete(directory: String, missing: [String])
  /// None of the usual places has the data set.
  case nowhere(name: String, looked: [String], advice: String)
  case file(path: String, InputFileProblem)
  case content(path: String, IDXError)
  case cifar(path: String, CIFARError)
  case image(path: String, ImageReadError)
  /// Files in a folder of images that cannot be read, of a number of files.
  case unreadable(directory: String, [UnreadableImage], of: Int)
  /// A folder of images with a wrong layout.
  case images(ImageFolderError)
  /// A folder of images is requested, but no folder is given.
  case imagesNowhere
  /// Classes of the data that are unknown to the network.
  case unknownClasses(data: String, unknown: [String], known: [String])
  /// The folder has a version of the data set that is not supported.
  case otherVersion(path: String, version: String, entry: String, archive: String)
  /// The numbers of labels and images differ.
  case labelCount(path: String, labels: Int, images: Int)
  case imageSize(path: String, found: [Int], expected: [Int])
  /// Loading takes more bytes of memory than are available.
  case memory(path: String, needed: Int, available: Int)

  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      "\(name.isEmpty ? "--dataset" : name): no such data set (expected \(list(known, "or")))."
        + (NearestName.of(name, among: known).map { " Did you mean \($0)?" } ?? "")
    case .folder(let path, let problem):
      "\(path.isEmpty ? "--data-dir" : path): \(problem). "
        + "Give the folder that holds the data set's files."
    case .noFiles(let directory, let name, let looked, let folders):
      "\(directory): no \(name) files there (looked for \(list(looked, "and")) in "
        + "\(list(folders, "and"))). Put them there, or name another folder with --data-dir."
    case .incomplete(let directory, let missing):
      "\(directory): a file of the data set is missing (expected \(list(missing, "or"))). "
        + "Put it there, or name another folder with --data-dir."
    case .nowhere(let name, let looked, let advice):
      "\(name): the data set is not on this computer (looked in \(list(looked, "and"))). "
        + "To get it, \(advice)"
    case .file(let path, let problem):
      "\(path): \(problem). \(remedy(for: problem))"
    case .content(let path, let error): "\(path): \(error). \(error.remedy)"
    case .cifar(let path, let error): "\(path): \(error). \(error.remedy)"
    case .image(let path, let error): "\(path): \(error). \(error.remedy)"
    case .unreadable(let directory, let files, let count):
      files.count == 1
        ? "\(files[0].problem) Or leave it out with --skip-unreadable."
        : "\(directory): \(files.count) of \(count) files cannot be read. Convert or remove them, or "
          + "leave them out with --skip-unreadable."
    case .images(let error): error.description
    case .imagesNowhere:
      "--data-dir: missing for --dataset \(ImageFolder.name) (expected a folder that holds a folder "
        + "of images for each class). Name one."
    case .unknownClasses(let data, let unknown, let known):
      "\(data): classes that the network was not trained on (found \(shortList(unknown, "and")), "
        + "expected some of \(shortList(known, "and"))). Leave them out, or give another --dataset."
    case .otherVersion(let path, let version, let entry, let archive):
      "\(path): the \(version) version of the data set (expected the binary one, \(archive)). "
        + "Run `swift run datasets download \(entry)`, or put the files of \(archive) there."
    case .labelCount(let path, let labels, let images):
      "\(path): the labels do not match the images (found \(labels) labels, expected \(images)). "
        + "Get both files again, from one source."
    case .imageSize(let path, let found, let expected):
      "\(path): images of another size (found \(size(found)), expected \(size(expected))). "
        + "Is it the file of another data set?"
    case .memory(let path, let needed, let available):
      "\(path): not enough memory to load the data (found \(AvailableMemory.text(available)), "
        + "expected \(AvailableMemory.text(needed))). Free some memory."
    }
  }

  /// A line for each of the first of several files that cannot be read, to show before
  /// ``description``.
  public var details: [String] {
    guard case .unreadable(let directory, let files, _) = self, files.count > 1 else { return [] }
    let named = files.prefix(UnreadableImage.namedCount).map(\.problem)
    let rest = files.count - named.count
    return named + (rest > 0 ? ["\(directory): \(rest) more files cannot be read."] : [])
  }

  private func remedy(for problem: InputFileProblem) -> String {
    switch problem {
    case .unreadable: "Give yourself permission to read it."
    case .danglingLink: "Point the link to the file, or remove it."
    case .directory, .notRegular: "Put the data set's file there instead."
    case .missing: "Check the path."
    case .empty, .tooLarge, .failed: "Get the file again."
    }
  }

  private func size(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }
}

/// `items` as in a sentence, "a, b or c".
func list(_ items: [String], _ conjunction: String) -> String {
  guard let last = items.last, items.count > 1 else { return items.joined() }
  return items.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

/// The first 20 of `items` as in a sentence, followed by dots if there are more.
func shortList(_ items: [String], _ conjunction: String) -> String {
  items.count > 20
    ? items.prefix(20).joined(separator: ", ") + ", …" : list(items, conjunction)
}
