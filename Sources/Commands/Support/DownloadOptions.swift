import ArgumentParser

/// What every command takes that needs a data set's files.
struct DownloadOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-download"),
    help: "Never use the network: take the data that is on this computer.")
  var noDownload = false
  @Option(help: "The only address to download from; http only to this computer.")
  var mirror: String?

  init() {}

  func validate() throws {
    if noDownload && mirror != nil {
      throw ValidationError("--no-download and --mirror exclude each other.")
    }
  }
}
