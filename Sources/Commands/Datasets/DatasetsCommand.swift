import ArgumentParser
import Terminal
import Training

/// `swift run datasets`: lists, downloads, verifies, shows and exports data sets.
struct DatasetsCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "List, download, verify, show and export the data sets.",
    discussion: "docs/datasets.md tells where they come from and how files are laid out."
      + ProgramName.examples("datasets download mnist", "datasets show cifar10"),
    version: RunEnvironment.version,
    subcommands: [
      ListCommand.self, DownloadCommand.self, VerifyCommand.self, ShowCommand.self,
      ExportCommand.self,
    ],
    defaultSubcommand: ListCommand.self)

  /// Only the subcommands do anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}
