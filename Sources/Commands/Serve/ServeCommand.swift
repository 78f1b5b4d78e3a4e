import ArgumentParser
import Serving
import Terminal
import Training
import WebServer

/// `swift run serve`: classifies images over HTTP, with a page to draw on.
struct ServeCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Classify images over HTTP, with a page that shows every layer at work.",
    discussion: """
      Prints the address of the page. Programs send images to /predict and get JSON: see docs/commands/serve.md. \
      Only programs on this computer can connect, unless --host is given. Ctrl-C stops the server after \
      the requests that have begun.
      """
        + ProgramName.examples(
          "serve runs/mnist-fer-mnist-1",
          "serve runs/folder-fer-cifar-1 --port 0 --max-images 32"),
    version: RunEnvironment.version)

  static let heedsSignals = true

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.",
    completion: .file())
  var source: String
  @Option(help: "The address to listen at; one that is not of this computer alone needs a token.")
  var host = "127.0.0.1"
  @Option(parsing: .unconditional, help: "The port to listen at; 0 takes any free one.")
  var port = 8080
  @Option(
    help: ArgumentHelp(
      "A file with a secret of 16 or more characters that clients must send. (or the variable "
        + "\(AccessToken.variable))", valueName: "file"), completion: .file())
  var tokenFile: String?
  @OptionGroup var options: PredictionOptions
  @Option(
    help: ArgumentHelp(
      "The time to wait for more images before a batch that is not full.", valueName: "milliseconds"
    ))
  var batchDelay = 0.0
  @OptionGroup(title: "Limits") var limits: ServeLimits

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port: invalid value (found “\(port)”, expected 0 to 65535).")
    }
    guard (0...1000).contains(batchDelay) else {
      throw ValidationError(
        "--batch-delay: invalid value (found “\(batchDelay)”, expected 0 to 1000 milliseconds).")
    }
    guard HostAddress(host) != nil else {
      throw ValidationError(
        "--host: invalid value (found “\(host)”, expected an IP address such as 127.0.0.1 or ::1).")
    }
  }

  func execute() throws -> ExitStatus {
    guard let address = HostAddress(host) else { preconditionFailure("checked by validate()") }
    let rules = try AccessToken.rules(for: address, file: tokenFile)
    let predictor = try options.open(source)
    if options.skipUnreadable, !predictor.leavesFilesOut {
      Notice.warning(
        "--skip-unreadable changes nothing: "
          + (options.threshold == .calibrated
            ? "every file can be read." : "only --threshold auto reads files."))
    }
    var service = PredictionService.Options()
    service.top = predictor.top
    service.limits = limits.ofImages
    service.batchDelay = batchDelay / 1000
    // Nothing here uses the model after this.
    nonisolated(unsafe) let handed = predictor.model
    return try serve(
      PredictionService(
        handed, path: predictor.path, preparation: predictor.preparation,
        threshold: predictor.threshold, rules: rules, options: service),
      at: address)
  }

  private func serve(_ service: PredictionService, at address: HostAddress) throws -> ExitStatus {
    let server: WebServer
    do throws(ServerError) {
      server = try WebServer(
        address, port: UInt16(port), limits: limits.ofServer, handler: service)
    } catch { throw Failure(.cannotWrite, "\(error)") }
    service.countConnections { [weak server] in server?.connectionCount ?? 0 }
    try StandardStream.output.write(
      "http://\(address.with(port: server.port))/ serves \(service.path). Ctrl-C stops.\n")
    server.run {
      guard SignalFlag.wish != nil else { return false }
      service.willStop()
      return true
    }
    try StandardStream.output.write(
      "Stopped after \(Format.counted(service.answerCount, "answer")).\n")
    return .done
  }
}
