import ArgumentParser

/// The options of commands that need the files of a data set.
struct DownloadOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-download"),
    help: "Never use the network; use the data on this computer.")
  var noDownload = false
  @Option(help: "The only https address to download from; http for this computer alone.")
  var mirror: String?

  init() {}

  func validate() throws {
    if noDownload && mirror != nil {
      throw ValidationError("--no-download and --mirror exclude each other.")
    }
  }
}
