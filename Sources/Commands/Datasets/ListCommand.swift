import ArgumentParser
import Datasets
import Terminal

/// `swift run datasets list`: lists the named data sets, and those that are on this computer.
struct ListCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the data sets that have a name, and where they are.")

  @Option(help: "The only folder in which to look for their files.")
  var dataDir: String?

  func execute() throws -> ExitStatus {
    let search = DatasetSearch.standard(dataDirectory: dataDir)
    var table = TextTable([
      .init("name"), .init("data set"), .init("images"), .init("classes", .right),
      .init("train", .right), .init("test", .right), .init("download", .right), .init("here"),
    ])
    for entry in Catalog.entries {
      let sizes = entry.downloads.map(\.size)
      let size = sizes.contains(nil) ? "?" : Format.bytes(sizes.reduce(0) { $0 + ($1 ?? 0) })
      table.add([
        entry.name, entry.title, "\(entry.height)×\(entry.width)×\(entry.channels)",
        "\(entry.classes)", Format.count(entry.trainCount), Format.count(entry.testCount), size,
        search.place(of: entry) ?? "–",
      ])
    }
    try StandardStream.output.write(
      table.text
        + "\nfolder: a folder of PNG and JPEG files for each class, in the one that --data-dir names\n"
    )
    return .done
  }
}
