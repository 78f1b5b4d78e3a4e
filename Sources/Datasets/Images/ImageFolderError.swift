/// Why a folder is not a valid data set of images.
public enum ImageFolderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is a test folder but no training folder.
  case noTraining(directory: String, part: String)
  /// The folder of a part has no folders for classes.
  case noClasses(path: String)
  /// Two folders for the same part.
  case twoFolders(String, String)
  /// Two classes whose names are the same text in different bytes.
  case sameName(String, String)
  case classCount(directory: String, found: Int, atLeast: Int)
  case emptyClass(path: String)
  case emptyPart(path: String)
  /// No class has two different images, one for training and one for testing.
  case nothingToTest(directory: String)
  /// A class in the test part that is missing in the training part.
  case unknownClass(path: String, known: [String])
  /// A file that is not an image by its name.
  case stray(path: String)
  /// A link to a folder around it.
  case circular(path: String)
  case danglingLink(path: String)
  /// A name that is not UTF-8.
  case notText(path: String)
  /// A color image where gray is expected.
  case color(path: String)
  case tooMany(Int, side: Int)

  public var description: String {
    switch self {
    case .noTraining(let directory, let part):
      "\(directory): a folder \(part) without a folder train. Add it, or give the folder that holds "
        + "the classes' folders."
    case .noClasses(let path):
      "\(path): no folders of classes (found none, expected a folder of images for each class). "
        + "Sort the images into such folders."
    case .twoFolders(let first, let second):
      "\(second): the same part of the data as \(first) (found both, expected one). Merge them, or "
        + "remove one."
    case .sameName(let first, let second):
      "\(second): the same name as \(first) in other bytes (expected one folder for each class). "
        + "Merge them, or rename one."
    case .classCount(let directory, let found, let least):
      "\(directory): not a folder of classes (found \(found) folders, expected \(least) to 256). Put "
        + "the images of each class into a folder of their own."
    case .emptyClass(let path):
      "\(path): no images of this class (found 0 PNG or JPEG files, expected at least 1). Add some, or "
        + "remove the folder."
    case .emptyPart(let path):
      "\(path): no images (found 0 PNG or JPEG files, expected at least 1). Add some, or remove the folder."
    case .nothingToTest(let directory):
      "\(directory): nothing to test with (found 1 image in each class, expected 2 that differ in at "
        + "least one class). Add images, or a folder test beside a folder train."
    case .unknownClass(let path, let known):
      "\(path): no such class to train on (expected \(shortList(known, "or"))). "
        + "Rename the folder, or remove it."
    case .stray(let path):
      "\(path): its name does not end in \(list(ImageReader.nameEndings, "or")) "
        + "(expected images only). Convert it, or move it elsewhere."
    case .circular(let path):
      "\(path): the link points to a folder around it. Remove the link."
    case .danglingLink(let path):
      "\(path): the link points to a file that does not exist. Point the link to the file, or "
        + "remove it."
    case .notText(let path):
      "\(path): the name is not UTF-8 (\\x stands before each byte that is not). Rename it."
    case .color(let path):
      "\(path): a color image (expected gray as the others). Convert it, or remove it."
    case .tooMany(let count, let side):
      "--image-size: too large for all images (found \(count) images of \(side)×\(side) pixels, expected "
        + "at most \(ImageFolder.largestCount >> 30) GiB). Give a smaller one."
    }
  }
}
