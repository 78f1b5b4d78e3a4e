import Synchronization

/// Counts of what a server does, in the text format of Prometheus (version 0.0.4).
final class ServerMetrics: Sendable {
  private struct Counts {
    var requests: [String: Int] = [:]
    var predicted = 0
    var unreadable = 0
    var seconds = Histogram([
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
    ])
    var batches = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256])
  }

  private let counts = Mutex(Counts())

  /// Counts an answer.
  ///
  /// - Parameters:
  ///   - route: the path, or `other` for unknown paths, which would be without end.
  ///   - isPrediction: true if its time belongs in the histogram.
  func count(_ route: String, status: Int, seconds: Double, isPrediction: Bool) {
    counts.withLock {
      $0.requests["path=\"\(route)\",code=\"\(status)\"", default: 0] += 1
      if isPrediction { $0.seconds.add(seconds) }
    }
  }

  func count(predicted: Int, unreadable: Int) {
    counts.withLock {
      $0.predicted += predicted
      $0.unreadable += unreadable
    }
  }

  func count(batch: Int) { counts.withLock { $0.batches.add(Double(batch)) } }

  /// The number of answers so far.
  var requestCount: Int { counts.withLock { $0.requests.values.reduce(0, +) } }

  func text(waiting: Int, connections: Int) -> String {
    let counts = counts.withLock { $0 }
    var text = Self.heading("requests_total", "counter", "Answers by path and status code.")
    for (labels, count) in counts.requests.sorted(by: { $0.key < $1.key }) {
      text += "lecture_cnn_requests_total{\(labels)} \(count)\n"
    }
    text += Self.heading("images_total", "counter", "Images by result.")
    text += "lecture_cnn_images_total{result=\"predicted\"} \(counts.predicted)\n"
    text += "lecture_cnn_images_total{result=\"unreadable\"} \(counts.unreadable)\n"
    text += Self.heading(
      "request_seconds", "histogram",
      "The time from a request's header to its answer, for /predict and /activations.")
    text += counts.seconds.text("lecture_cnn_request_seconds")
    text += Self.heading("batch_images", "histogram", "Images that the network computed at once.")
    text += counts.batches.text("lecture_cnn_batch_images")
    text += Self.heading("queue_length", "gauge", "Requests that wait or are computed.")
    text += "lecture_cnn_queue_length \(waiting)\n"
    text += Self.heading("connections", "gauge", "Open connections.")
    text += "lecture_cnn_connections \(connections)\n"
    return text
  }

  private static func heading(_ name: String, _ kind: String, _ help: String) -> String {
    "# HELP lecture_cnn_\(name) \(help)\n# TYPE lecture_cnn_\(name) \(kind)\n"
  }

  /// Values counted by the smallest bound that is not below them.
  private struct Histogram {
    private let bounds: [Double]
    private var counts: [Int]
    private var sum = 0.0

    init(_ bounds: [Double]) {
      self.bounds = bounds
      counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    mutating func add(_ value: Double) {
      counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
      sum += value
    }

    func text(_ name: String) -> String {
      var (text, total) = ("", 0)
      for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], counts) {
        total += count
        text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
      }
      return text + "\(name)_sum \(sum)\n\(name)_count \(total)\n"
    }
  }
}
