import Datasets
import Files
import Training

/// Writes a data set as a folder of PNG files for each class, which `--dataset folder` reads.
///
///     DIR/train/CLASS/00000.png   the number is the example's place in the split
///
/// Read back, the examples stand in the same order with the same labels: files are ordered by name, and
/// the folders are named so that their order is that of the classes, with a number in front where the
/// names alone would not have it.
public enum ImageExport {
  /// Writes all images of `split` into its folder within `directory`.
  ///
  /// - Throws: ``OutputFileError``, ``PNGError``.
  public static func write(_ split: LoadedSplit, to directory: String) throws {
    let folders = folderNames(of: split.entry.classNames).map {
      "\(directory)/\(split.split.rawValue)/\($0)"
    }
    for folder in folders { try OutputFile.createFolder(folder) }
    // Tens of thousands of files that can be written again: bringing each to the disk by itself would
    // take minutes.
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

  /// Names of folders, in the order of their bytes, for classes in order.
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
