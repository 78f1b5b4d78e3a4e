import ArgumentParser

/// What every command takes that needs a data set's files.
public struct DownloadOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-download"),
    help: "Never use the network: take the data that is on this computer.")
  public var noDownload = false
  @Option(help: "The only address to download from; http only to this computer.")
  public var mirror: String?

  public init() {}

  public func validate() throws {
    if noDownload && mirror != nil {
      throw ValidationError("--no-download and --mirror exclude each other.")
    }
  }
}
