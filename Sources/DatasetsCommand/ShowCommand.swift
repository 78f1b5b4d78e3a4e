import ArgumentParser
import CommandSupport
import Datasets
import Reports
import Terminal
import Training

/// `swift run datasets show`: what the pictures of each class look like, and how many there are.
struct ShowCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Draw the first pictures of each class as a PNG, and count the classes.")

  @OptionGroup var options: DatasetOptions
  @Option(help: "The split: train or test.")
  var split = DatasetSplit.train
  @Option(help: "Pictures of each class.")
  var columns = 10
  @Option(help: "The file to write; by default NAME-SPLIT.png.")
  var output: String?

  func validate() throws {
    guard (1...100).contains(columns) else {
      throw ValidationError("--columns: invalid value (found \(columns), expected 1 to 100).")
    }
    if output == "" {
      throw ValidationError("--output: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus {
    let loaded = try options.load([split])[0]
    let images = loaded.images
    let path = output ?? "\(options.name)-\(split.rawValue).png"
    try OutputFile.write(
      PNG.encode(ContactSheet(images, columns: columns).raster), to: path)

    var table = TextTable([
      .init("row", .right), .init("class"), .init("examples", .right), .init("share", .right),
    ])
    for (label, count) in images.classCounts.enumerated() {
      table.add([
        "\(label + 1)", loaded.entry.classNames[label], Format.count(count),
        Format.percent(Double(count) / Double(images.count)),
      ])
    }
    table.addRule()
    table.add(["", "sum", Format.count(images.count), ""])
    try StandardStream.output.write(
      "\(loaded.entry.title), \(split.rawValue): pictures of "
        + "\(images.height)×\(images.width)×\(images.channels), "
        + "mean \(list(loaded.entry.mean)), deviation \(list(loaded.entry.deviation))\n\n"
        + table.text + "\nwritten to \(path), a row for each class\n")
    return .done
  }

  private func list(_ values: [Float]) -> String {
    values.map { Format.fixed(Double($0), decimals: 4) }.joined(separator: " ")
  }
}
