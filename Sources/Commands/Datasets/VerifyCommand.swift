import ArgumentParser
import Datasets
import Terminal

/// `swift run datasets verify`: checks that the files are complete and those that are published.
struct VerifyCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read all files of a data set and compare them with the published ones.",
    discussion: "The exit code is 0 only if every file is the published one.")

  @OptionGroup var options: DatasetOptions

  func execute() throws -> ExitStatus {
    var table = TextTable([
      .init("split"), .init("file"), .init("SHA-256 of the content"), .init("state"),
    ])
    // Nothing is published about the user's own images.
    let isOwn = options.name == Dataset.imagesName
    var (files, others) = (0, 0)
    let splits = try options.load(DatasetSplit.allCases)
    options.tellIdleSeed(splits)
    if options.imageSize != nil {
      Notice.warning("--image-size changes nothing: the files are checked, at any size.")
    }
    for loaded in splits {
      for file in loaded.files {
        files += 1
        if !file.isPublished { others += 1 }
        table.add([
          loaded.split.rawValue, file.path, file.sha256,
          isOwn ? "whole" : file.isPublished ? "published" : "not published",
        ])
      }
    }
    try StandardStream.output.write(table.text)
    guard others > 0 && !isOwn else { return .done }
    throw Failure(
      .badData,
      "\(options.name): not the published files (found \(others) others of \(files), expected none). "
        + "Get the data set again to have it as others do.")
  }
}
