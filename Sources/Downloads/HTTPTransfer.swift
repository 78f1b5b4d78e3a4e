import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One GET request, whose answer comes as events.
///
/// The session's own thread only lines events up; whoever asks for them decides what they mean, writes
/// to files and keeps time. Redirections are not followed: they come as answers.
final class HTTPTransfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  enum Event {
    case answer(HTTPURLResponse)
    case data(Data)
    /// The end, with the reason where it came too early.
    case end(String?)
  }

  private let condition = NSCondition()
  /// Guarded by `condition`.
  private var events: [Event] = []
  private var session: URLSession?

  /// Sends the request.
  ///
  /// - Parameters:
  ///   - offset: the first byte to ask for.
  ///   - validator: the entity tag that the bytes before `offset` came under: with another one the
  ///     server is to send the whole file.
  init(_ address: MirrorAddress, offset: Int, validator: String?) {
    super.init()
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.urlCredentialStorage = nil
    // The caller keeps time.
    configuration.timeoutIntervalForRequest = 86_400
    configuration.timeoutIntervalForResource = 86_400
    var request = URLRequest(url: address.url)
    request.cachePolicy = .reloadIgnoringLocalCacheData
    // A file must come as the bytes that it has, or it cannot be resumed.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    request.setValue("lecture-cnn", forHTTPHeaderField: "User-Agent")
    if offset > 0 {
      request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range")
      if let validator { request.setValue(validator, forHTTPHeaderField: "If-Range") }
    }
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    self.session = session
    session.dataTask(with: request).resume()
    // The session, which keeps this object, goes when its only task is done.
    session.finishTasksAndInvalidate()
  }

  /// The next event, or nil if none comes within `seconds`.
  func next(within seconds: Double) -> Event? {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while events.isEmpty {
      guard condition.wait(until: deadline) else { break }
    }
    return events.isEmpty ? nil : events.removeFirst()
  }

  /// Ends the transfer, unless it has ended.
  func cancel() { session?.invalidateAndCancel() }

  private func add(_ event: Event) {
    condition.lock()
    events.append(event)
    condition.signal()
    condition.unlock()
  }

  // MARK: URLSessionDataDelegate

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) { completionHandler(nil) }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse { add(.answer(response)) }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    add(.data(data))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) { add(.end(error.map(Self.reason))) }

  /// In a few words why there is no connection.
  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost?, .dnsLookupFailed?: "no such host is known"
    case .cannotConnectToHost?: "no connection"
    case .notConnectedToInternet?: "no network"
    default: error.localizedDescription
    }
  }
}
