import Protobuf

/// What TensorBoard's plugin `hparams` shows of a run: its settings beside its results
/// (tensorboard/plugins/hparams/plugin_data.proto and api.proto).
public struct SessionHyperparameters: Equatable, Sendable {
  /// A setting. Its values are numbers in all runs, or texts in all runs.
  public struct Setting: Equatable, Sendable {
    public enum Value: Equatable, Sendable {
      case number(Double)
      case text(String)
      case flag(Bool)
    }

    public let name: String
    public let value: Value

    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// A result: the last value of a scalar.
  public struct Metric: Equatable, Sendable {
    public let tag: String
    public let title: String
    /// True for the examples that the run was trained on.
    public let isOfTraining: Bool

    public init(tag: String, title: String, isOfTraining: Bool) {
      self.tag = tag
      self.title = title
      self.isOfTraining = isOfTraining
    }
  }

  /// How a run ended, a `Status`.
  public enum Ending: Int, Sendable {
    case success = 1
    case failure = 2
  }

  public let settings: [Setting]
  public let metrics: [Metric]

  public init(settings: [Setting], metrics: [Metric]) {
    self.settings = settings
    self.metrics = metrics
  }

  /// The tag of the value that ``end(_:at:)`` gives.
  public static let endTag = "_hparams_/session_end_info"
  static let startTag = "_hparams_/session_start_info"

  /// The events at the start of a run.
  ///
  /// - Parameter time: in seconds since 1970.
  func start(at time: Double) -> [Event] {
    let experiment = Self.message(2) { experiment in
      for setting in settings {
        experiment.write(
          4,
          message: { info in
            info.write(1, setting.name)
            info.write(4, setting.value.typeNumber)
          })
      }
      for metric in metrics {
        experiment.write(
          5,
          message: { info in
            info.write(1, message: { $0.write(2, metric.tag) })
            info.write(3, metric.title)
            info.write(5, metric.isOfTraining ? 1 : 2)
          })
      }
    }
    let session = Self.message(3) { session in
      writeSettings(to: &session)
      session.write(5, time)
    }
    return [("_hparams_/experiment", experiment), (Self.startTag, session)].map { tag, content in
      Event(wallTime: time, step: 0, values: [.hyperparameters(tag: tag, content)])
    }
  }

  /// The value at the end of a run.
  ///
  /// - Parameter time: in seconds since 1970.
  public static func end(_ ending: Ending, at time: Double) -> SummaryValue {
    .hyperparameters(
      tag: endTag,
      message(4) { end in
        end.write(1, ending.rawValue)
        end.write(2, time)
      })
  }

  /// Whether the settings and metrics of a written start are these.
  func isEqual(toStart events: [ArraySlice<UInt8>]) -> Bool {
    let time = Self.startTime(in: events) ?? 0
    let expected = start(at: time).map(\.bytes)
    func content(_ event: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
      ProtobufReader.first([5], in: event)?.content
    }
    return events.map(content) == expected.map { content($0[...]) }
  }

  private static func startTime(in event: ArraySlice<UInt8>) -> Double? {
    ProtobufReader.first([5, 1, 9, 1, 2, 3, 5], in: event)?.double
  }

  /// The time of a written start; nil if there is none.
  static func startTime(in events: [ArraySlice<UInt8>]) -> Double? {
    events.compactMap { startTime(in: $0) }.first
  }

  /// `map<string, google.protobuf.Value> hparams`, in the order of the settings.
  private func writeSettings(to session: inout ProtobufWriter) {
    for setting in settings {
      session.write(
        1,
        message: { entry in
          entry.write(1, setting.name)
          entry.write(
            2,
            message: { value in
              switch setting.value {
              case .number(let number): value.write(2, number)
              case .text(let text): value.write(3, text)
              case .flag(let flag): value.write(4, flag ? 1 : 0)
              }
            })
        })
    }
  }

  /// An `HParamsPluginData` of version 0 with one field.
  private static func message(
    _ field: Int, _ body: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.write(field, message: body)
    return writer.bytes
  }
}

extension SessionHyperparameters.Setting.Value {
  /// The number of a `DataType`.
  fileprivate var typeNumber: Int {
    switch self {
    case .text: 1
    case .flag: 2
    case .number: 3
    }
  }
}
