import Files

/// The test result at the end of a run's `metrics.jsonl`.
public struct TestRecord: Equatable, Sendable {
  public let loss: Double
  /// Nil for an autoencoder.
  public let accuracy: Double?
  /// The accuracy without test-time augmentation, if the test used it.
  public let singleViewAccuracy: Double?

  /// The last test in `bytes`; nil if the run has not ended.
  public init?(inMetrics bytes: [UInt8]) {
    let start = Array(#"{"kind":"test""#.utf8)
    guard
      let line = bytes.split(separator: UInt8(ascii: "\n")).last(where: { $0.starts(with: start) }),
      let value = try? StrictJSON.parse(line), let loss = value["loss"]?.asNumber
    else { return nil }
    self.loss = loss
    accuracy = value["accuracy"]?.asNumber
    singleViewAccuracy = value["single_view_accuracy"]?.asNumber
  }
}
