import Datasets
import Files
import Training

/// Writes a data set as a folder of PNG files for each class, the layout that `--dataset folder` reads.
///
///     DIR/train/CLASS/00000.png   the number is that of the example in the split
///
/// Reading the folders back gives the same labels: the byte order of the folder names is the order of the
/// classes. Where the class names are not in this order, a number precedes each name.
public enum ImageExport {
  /// Writes all images of `split` into its folder within `directory`.
  ///
  /// - Throws: ``OutputFileError``, ``PNGError``.
  public static func write(_ split: LoadedSplit, to directory: String) throws {
    let folders = folderNames(of: split.entry.classNames).map {
      "\(directory)/\(split.split.rawValue)/\($0)"
    }
    for folder in folders { try OutputFile.createFolder(folder) }
    // fsync of tens of thousands of files would take minutes, and a user can export them again.
    var operations = FileOperations.system
    operations.synchronize = { _ in }
    let images = split.images
    let digits = max(5, String(images.count - 1).count)
    for index in 0..<images.count {
      let number = String(index)
      let name = String(repeating: "0", count: digits - number.count) + number
      try OutputFile.write(
        PNG.encode(Raster(images, index)),
        to: "\(folders[Int(images.labels[index])])/\(name).png", operations: operations)
    }
  }

  /// The folder names of the classes, whose byte order is the order of the classes.
  static func folderNames(of classNames: [String]) -> [String] {
    let plain = classNames.map { $0.split(separator: "/").joined(separator: "-") }
    let isOrdered = zip(plain, plain.dropFirst()).allSatisfy {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    if isOrdered && plain.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) { return plain }
    let digits = String(classNames.count - 1).count
    return plain.enumerated().map { number, name in
      let text = String(number)
      return String(repeating: "0", count: digits - text.count) + text + "-" + name
    }
  }
}
