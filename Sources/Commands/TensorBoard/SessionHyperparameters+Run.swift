import TensorBoard
import Training

extension SessionHyperparameters {
  /// The settings that the results of a run depend on, and the results that it records.
  init(of trainer: Trainer, tests: Bool) {
    let configuration = trainer.configuration
    let settings = Configuration.settings.filter(\.changesResults).compactMap { setting in
      configuration.text(setting.key).map { text in
        Setting(name: setting.key, value: Self.value(text, of: setting))
      }
    }
    let hasAccuracy = !trainer.network.isAutoencoder
    let metrics = [
      (EventTag.test("accuracy"), "test accuracy", tests && hasAccuracy),
      (EventTag.test("loss"), "test loss", tests),
      (
        EventTag.validationAccuracy, "validation accuracy",
        hasAccuracy && !trainer.data.validation.isEmpty
      ),
      (EventTag.validationLoss, "validation loss", !trainer.data.validation.isEmpty),
      (EventTag.trainAccuracy, "training accuracy", hasAccuracy),
      (EventTag.trainLoss, "training loss", true),
    ].filter(\.2)
    self.init(
      settings: settings,
      metrics: metrics.map { tag, title, _ in
        Metric(tag: tag, title: title, isOfTraining: title.hasPrefix("training"))
      })
  }

  /// The value of a setting. All runs give a setting values of one type, because TensorBoard sorts by them.
  private static func value(_ text: String, of setting: Training.Setting) -> Setting.Value {
    if setting.isNumber, let number = Double(text) { return .number(number) }
    if setting.isSwitch { return .flag(text == "true") }
    return .text(text)
  }
}
