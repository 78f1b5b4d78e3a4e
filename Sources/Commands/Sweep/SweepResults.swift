import Files
import Terminal
import Training

/// The results of a sweep's runs: a table and `sweep.json`.
struct SweepResults {
  /// The result of one run.
  struct Result: Equatable {
    /// The run's place in the plan, from 0.
    let run: Int
    /// The validation that counts; nil if the run failed.
    let validation: Validation?
    /// Why the run failed.
    let failure: String?
    let seconds: Double
  }

  struct Validation: Equatable {
    let epoch: Int
    /// Nil for an autoencoder.
    let accuracy: Double?
    let loss: Double

    /// The last epoch's validation, or the best one with `--keep best`; nil if no epoch has ended.
    init?(_ epochs: [MetricsHistory.Epoch], best: Bool) {
      let validated = epochs.filter { $0.validationLoss != nil }
      func rank(_ epoch: MetricsHistory.Epoch) -> (Double, Double) {
        (epoch.validationAccuracy ?? 0, -(epoch.validationLoss ?? 0))
      }
      // Of equal epochs the first counts, as in training.
      guard
        let epoch = best
          ? validated.reversed().max(by: { rank($0) < rank($1) }) : validated.last,
        let loss = epoch.validationLoss
      else { return nil }
      self.init(epoch: epoch.epoch, accuracy: epoch.validationAccuracy, loss: loss)
    }

    init(epoch: Int, accuracy: Double?, loss: Double) {
      self.epoch = epoch
      self.accuracy = accuracy
      self.loss = loss
    }
  }

  private let plan: SweepPlan
  private(set) var results: [Result] = []

  init(_ plan: SweepPlan) { self.plan = plan }

  mutating func add(_ result: Result) { results.append(result) }

  func result(of run: Int) -> Result? { results.first { $0.run == run } }

  /// The results, the best first: by accuracy, then by loss, then by number. Failed runs are last.
  var ranked: [Result] {
    results.sorted { a, b in
      guard let first = a.validation, let second = b.validation else {
        return a.validation != nil || (b.validation == nil && a.run < b.run)
      }
      let ranks = [first, second].map { ($0.accuracy ?? 0, -$0.loss) }
      return ranks[0] == ranks[1] ? a.run < b.run : ranks[0] > ranks[1]
    }
  }

  /// The best run that did not fail.
  var best: Result? { ranked.first.flatMap { $0.validation == nil ? nil : $0 } }

  // MARK: Text

  var text: String {
    var table = TextTable(
      [.init("run", .right)] + plan.variedKeys.map { .init($0, .right) }
        + [.init("validation", .right), .init("loss", .right), .init("time", .right)])
    for result in ranked {
      let accuracy = result.validation?.accuracy.map { Self.percent($0) }
      table.add(
        ["\(result.run + 1)"] + plan.runs[result.run].map(\.value) + [
          result.validation == nil ? "failed" : accuracy ?? "–",
          result.validation.map { Format.fixed($0.loss, decimals: 4) } ?? "–",
          Format.duration(result.seconds),
        ])
    }
    return table.text
      + results.compactMap { result in
        result.failure.map { "run \(result.run + 1) failed: \($0)\n" }
      }.joined()
  }

  static func percent(_ share: Double) -> String {
    "\(Format.fixed(100 * share, decimals: 2)) %"
  }

  // MARK: JSON

  /// `sweep.json`, with the runs in the order of the plan.
  var json: CanonicalJSON {
    let runs = results.sorted { $0.run < $1.run }.map { result -> CanonicalJSON in
      var members: [CanonicalJSON.Member] = [
        .init("run", .integer(result.run + 1)),
        .init(
          "settings",
          .object(plan.runs[result.run].map { .init($0.key, .string($0.value)) })),
      ]
      if let validation = result.validation {
        members.append(.init("epoch", .integer(validation.epoch)))
        if let accuracy = validation.accuracy {
          members.append(.init("validation_accuracy", .number(accuracy)))
        }
        members.append(.init("validation_loss", .number(validation.loss)))
      }
      if let failure = result.failure { members.append(.init("failure", .string(failure))) }
      members.append(.init("seconds", .number(result.seconds)))
      return .object(members)
    }
    return .object(
      [.init("runs", .array(runs))]
        + (best.map { [.init("best", .integer($0.run + 1))] } ?? []))
  }

  /// Reads the results in the bytes of a `sweep.json` of the same plan; unreadable ones are left out.
  mutating func read(_ bytes: [UInt8]) {
    guard case .array(let runs)? = (try? StrictJSON.parse(bytes[...]))?["runs"] else { return }
    for run in runs {
      guard let number = run["run"]?.asWholeNumber.map({ $0 &- 1 }),
        plan.runs.indices.contains(number), result(of: number) == nil,
        let seconds = run["seconds"]?.asNumber
      else { continue }
      var failure: String?
      if case .string(let text)? = run["failure"] { failure = text }
      var validation: Validation?
      if let epoch = run["epoch"]?.asWholeNumber, let loss = run["validation_loss"]?.asNumber {
        validation = Validation(
          epoch: epoch, accuracy: run["validation_accuracy"]?.asNumber, loss: loss)
      }
      guard validation != nil || failure != nil else { continue }
      add(Result(run: number, validation: validation, failure: failure, seconds: seconds))
    }
  }
}
