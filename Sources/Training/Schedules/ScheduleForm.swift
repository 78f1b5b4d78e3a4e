/// A form of a learning rate over a run.
///
/// A new form is one file with a conforming type, and a line in ``Schedule/types``.
protocol ScheduleForm: Sendable {
  /// The word for `--sched`: `cosine`.
  static var word: String { get }
  /// The form with its arguments, for messages: `linear(until=8.5,floor=0.05)`.
  static var example: String { get }
  /// True if ``example``'s arguments may be left out.
  static var hasDefaults: Bool { get }

  /// Nil for arguments that are not valid. Arguments that are not taken are an error.
  init?(_ arguments: inout NamedArguments)

  /// The arguments that differ from their defaults, as ``init(_:)`` reads them.
  var arguments: [String] { get }

  /// True if the learning rates depend on the number of steps of the whole run.
  var dependsOnLength: Bool { get }

  /// The learning rate of the step after `point`.
  ///
  /// The result must consist of operations that all processors round equally: no power, exponential
  /// or cosine of the C library.
  ///
  /// - Parameter base: the run's learning rate, `--lr`.
  func learningRate(base: Double, at point: SchedulePoint) -> Double
}

extension ScheduleForm {
  static var hasDefaults: Bool { true }

  /// The canonical text: the word, and the arguments that differ from their defaults.
  var text: String {
    arguments.isEmpty ? Self.word : "\(Self.word)(\(arguments.joined(separator: ",")))"
  }
}
