import ArgumentParser
import Datasets
import Serving
import Tensors
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
  @Option(help: "The port to listen at; 0 takes any free one.")
  var port = 8080
  @Option(
    help: ArgumentHelp(
      "A file with a secret of 16 or more characters that clients must send. (or the variable "
        + "\(AccessToken.variable))", valueName: "file"), completion: .file())
  var tokenFile: String?
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(help: "The number of classes for each image, if a request does not say it.")
  var top = 3
  @Option(
    help: ArgumentHelp(
      "Mark images whose greatest probability is below this: 0 to 1, or auto for the probability that "
        + "99 of 100 validation images reach.", valueName: "probability"))
  var threshold = PredictionThreshold.standard
  @Option(help: "The preparation of digits, as in predict: mnist, auto or none. (default: auto)")
  var prepare: ImagePreparation.Digits?
  @Option(
    help: ArgumentHelp(
      "The time to wait for more images before a batch that is not full.", valueName: "milliseconds"
    ))
  var batchDelay = 0.0
  @Option(setting: "threads") var threads: String?
  @OptionGroup(title: "Limits") var limits: ServeLimits

  func validate() throws {
    guard top >= 1 else {
      throw ValidationError("--top: invalid value (found “\(top)”, expected 1 or more).")
    }
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
    var execution = Configuration()
    if let threads { try execution.set("threads", to: threads) }
    Processors.setThreadCount(execution.threads)
    guard let address = HostAddress(host) else { preconditionFailure("checked by validate()") }
    let rules = try AccessToken.rules(for: address, file: tokenFile)
    let trained = try TrainedModel.forCommand(source, best: best)
    let preparation = try trained.imagePreparation(prepare)
    let model = try Model(trained, threads: Processors.threadCount)
    if top > model.classNames.count {
      Notice.warning("--top: the network has \(model.classNames.count) classes only.")
    }
    let threshold = try threshold.value(for: trained, model)
    var options = PredictionService.Options()
    options.top = top
    options.limits = limits.ofImages
    options.batchDelay = batchDelay / 1000
    // Nothing here uses the model after this.
    nonisolated(unsafe) let handed = model
    let service = PredictionService(
      handed, path: trained.path, preparation: preparation, threshold: threshold, rules: rules,
      options: options)
    return try serve(service, at: address)
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
      "Stopped after \(Format.count(service.answerCount)) answers.\n")
    return .done
  }
}
