import ArgumentParser
import Datasets
import Files
import Reports
import Terminal
import Training

/// `swift run datasets export`: writes a data set as a folder of PNG files for each class.
struct ExportCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a data set as PNG files, a folder for each class.",
    discussion: "`train --dataset folder --data-dir DIR` reads them back, to the bit.")

  @OptionGroup var options: DatasetOptions
  @Option(help: "The folder to write, new or empty.", completion: .directory)
  var output: String

  func validate() throws {
    try OutputFolder.check(output)
  }

  func execute() throws -> ExitStatus {
    let splits = try options.load(DatasetSplit.allCases)
    options.tellIdleSeed(splits)
    guard try OutputFile.isNewOrEmpty(output) else {
      throw Failure(
        .usage,
        "\(output): the folder is not empty (expected a new or an empty one). "
          + "Choose another --output.")
    }
    for split in splits {
      try ImageExport.write(split, to: output)
      try StandardStream.output.write(
        "\(output)/\(split.split.rawValue): "
          + Format.counted(split.images.count, "image") + " of "
          + Format.counted(split.entry.classes, "class", "classes") + "\n")
    }
    return .done
  }
}
