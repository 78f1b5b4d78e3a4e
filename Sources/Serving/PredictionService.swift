import Datasets
import Files
import Synchronization
import Tensors
import Training
import WebServer

/// Answers requests with the predictions of a network.
///
///     decoder threads                  the network's thread
///     read the images of a request ──▸ compute what waits as one batch ──▸ answer
///
/// The server's thread only passes requests on, so a request never waits for another one's image to
/// be read. All answers but the page and the metrics are JSON.
public final class PredictionService: HTTPHandler, Sendable {
  public struct Options: Sendable {
    /// The number of classes for each image, if the request gives none.
    public var top = 3
    public var limits = ImageLimits()
    /// The time to wait for more images before a batch that is not full, in seconds.
    public var batchDelay = 0.0

    public init() {}
  }

  public let path: String
  let description: ModelDescription
  let preparation: ImagePreparation
  let threshold: Float
  let options: Options
  let metrics = ServerMetrics()
  private let rules: AccessRules
  private let decoders: DecoderPool
  private let inference: InferenceQueue
  private let waiting = Atomic<Int>(0)
  private let stops = Atomic<Bool>(false)
  private let connections = Mutex<@Sendable () -> Int>({ 0 })

  /// - Parameters:
  ///   - model: only the service may use it from now on. `Model.prepareForInference` makes it faster.
  ///   - path: the checkpoint's path, which answers name.
  ///   - threshold: an image whose greatest probability is below it is unsure.
  ///   - threads: the number of threads that read images.
  public init(
    _ model: sending Model, path: String, preparation: ImagePreparation, threshold: Float,
    rules: AccessRules, options: Options = Options(), threads: Int = Processors.threadCount
  ) {
    self.path = path
    description = model.description
    self.preparation = preparation
    self.threshold = threshold
    self.rules = rules
    self.options = options
    decoders = DecoderPool(threadCount: threads)
    let metrics = metrics
    inference = InferenceQueue(model, delay: options.batchDelay) { metrics.count(batch: $0) }
  }

  /// The number of answers so far.
  public var answerCount: Int { metrics.requestCount }

  /// Sets where the metrics get the number of connections from.
  public func countConnections(_ count: @escaping @Sendable () -> Int) {
    connections.withLock { $0 = count }
  }

  /// Makes `/health` say that the server is about to stop.
  public func willStop() { stops.store(true, ordering: .relaxed) }

  // MARK: HTTPHandler

  public func check(_ head: HTTPHead) throws(HTTPProblem) {
    try rules.checkOrigin(head.headers)
    let route = try Route(head)
    if !route.isOpen { try rules.checkToken(head.headers) }
    if route.isPrediction { _ = try answerOptions(head, route) }
  }

  public func respond(to request: HTTPRequest, through reply: HTTPReply) {
    do throws(HTTPProblem) {
      let route = try Route(request.head)
      guard route.isPrediction else { return reply.send(answer(route)) }
      let options = try answerOptions(request.head, route)
      try enter()
      let finished: @Sendable (HTTPResponse) -> Void = { [self] response in
        waiting.subtract(1, ordering: .relaxed)
        reply.send(response)
      }
      decoders.submit { [self] in
        predict(request, isWalk: route == .activations, options, finished)
      }
    } catch { reply.send(HTTPResponse(error)) }
  }

  public func didAnswer(_ path: String?, status: Int, seconds: Double) {
    let route = path.flatMap(Route.init(rawValue:))
    metrics.count(
      route?.rawValue ?? "other", status: status, seconds: seconds,
      isPrediction: route?.isPrediction ?? false)
  }

  // MARK: Answers

  private func answerOptions(
    _ head: HTTPHead, _ route: Route
  ) throws(HTTPProblem) -> AnswerOptions {
    try AnswerOptions(head, route, top: options.top, classes: description.classNames.count)
  }

  /// Counts a request in, unless there are too many.
  private func enter() throws(HTTPProblem) {
    guard waiting.add(1, ordering: .relaxed).oldValue < options.limits.requests else {
      waiting.subtract(1, ordering: .relaxed)
      throw .busy("Too many requests wait (expected at most \(options.limits.requests)).")
    }
  }

  private func answer(_ route: Route) -> HTTPResponse {
    switch route {
    case .page: return Page.response(Page.html, "text/html")
    case .style: return Page.response(Page.css, "text/css")
    case .script: return Page.response(Page.javaScript, "text/javascript")
    case .health:
      let stops = stops.load(ordering: .relaxed)
      return HTTPResponse(stops ? 503 : 200, json: ["status": stops ? "stopping" : "ok"])
    case .metrics:
      let text = metrics.text(
        waiting: waiting.load(ordering: .relaxed), connections: connections.withLock { $0 }())
      return HTTPResponse(
        contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
    case .model: return HTTPResponse(json: modelJSON)
    case .predict, .activations: preconditionFailure("\(route) needs the network")
    }
  }

  /// Reads the images and passes them to the network, on a decoder's thread.
  private func predict(
    _ request: HTTPRequest, isWalk: Bool, _ options: AnswerOptions,
    _ finished: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    do throws(HTTPProblem) {
      let images: RequestImages
      do throws(HTTPProblem) {
        images = try RequestImages(request, preparation, self.options.limits)
      } catch {
        if error.status != 413 { metrics.count(predicted: 0, unreadable: 1) }
        throw error
      }
      let prepared = images.prepared
      guard isWalk else {
        let pixels = prepared.count == 1 ? prepared[0].pixels : prepared.flatMap(\.pixels)
        return inference.submit(
          .classify(pixels: pixels, count: prepared.count) { [self] model, rows in
            finished(predictions(images, model, rows, options))
          })
      }
      guard images.items.count == 1 else {
        throw HTTPProblem(
          400, "/activations shows one image (found \(images.items.count)). Send them one by one.")
      }
      inference.submit(
        .layers(pixels: prepared[0].pixels) { [self] model, outputs, row in
          finished(activations(images, model, outputs, row, options))
        })
    } catch { finished(HTTPResponse(error)) }
  }
}
