extension Configuration {
  /// Checks that the schedule, the averages and the end of the run fit its length and its validation.
  ///
  /// - Throws: ``SettingError`` for a setting that contradicts another or the length of the run.
  func checkSchedule(
    _ length: RunLength, task: LearningTask, hasValidation: Bool
  ) throws(SettingError) {
    let steps = length.plannedSteps
    if let warmup, warmup.steps(perEpoch: length.stepsPerEpoch) >= steps {
      throw SettingError(
        key: "warmup", problem: "the run has \(stepsText(steps))", found: "\(warmup)",
        expected: "fewer than these")
    }
    if let lookahead,
      lookahead.start(stepsPerEpoch: length.stepsPerEpoch) + lookahead.every > steps
    {
      throw SettingError(
        key: "lookahead", problem: "the run of \(stepsText(steps)) ends before the first average",
        found: "\(lookahead)", expected: "fewer steps for every and from")
    }
    if let emaDecay, let swaEpoch {
      throw SettingError(
        key: "swa", problem: "--ema \(emaDecay) gives the model, too", found: "\(swaEpoch)",
        expected: "one of the two")
    }
    if schedule.plateau?.figure == .accuracy && !task.hasAccuracy {
      throw SettingError(
        key: "sched", problem: "the network has no accuracy", found: "\(schedule)",
        expected: "on=loss")
    }
    guard !hasValidation else { return }
    for (key, value) in [
      ("sched", schedule.plateau == nil ? nil : "\(schedule)"),
      ("patience", patience.map { "\($0)" }), ("keep", kept == .best ? "best" : nil),
    ] {
      guard let value else { continue }
      throw SettingError(
        key: key, problem: "it depends on the validation, and there is none", found: value,
        expected: "--val-split above 0")
    }
  }
}
