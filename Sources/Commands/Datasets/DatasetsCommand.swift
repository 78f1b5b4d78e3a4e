import ArgumentParser
import Terminal
import Training

/// `swift run datasets`: what data there is, and what it looks like.
///
/// The target is not called as the command: on file systems that pass over the case of letters the
/// module `Datasets` would be the same.
struct DatasetsCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "List, download, verify, show and export the data sets.",
    discussion: "docs/datasets.md tells where they come from and how files are laid out.",
    version: RunEnvironment.version,
    subcommands: [
      ListCommand.self, DownloadCommand.self, VerifyCommand.self, ShowCommand.self,
      ExportCommand.self,
    ],
    defaultSubcommand: ListCommand.self)

  /// Only a subcommand does anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}
