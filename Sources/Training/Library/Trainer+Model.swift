import Datasets

extension Trainer {
  /// Prepares the training of `model` on your own images.
  ///
  ///     let trainer = try Trainer(model, on: images) {
  ///       $0.epochs = 10
  ///       $0.learningRate = 0.05
  ///     }
  ///     while !trainer.isFinished {
  ///       if let epoch = try trainer.advance().epoch { print(epoch.trainLoss) }
  ///     }
  ///
  /// - `images`: images of the model's size, with labels of its classes.
  /// - `validation`: the number of images to use for validation, stratified by class.
  /// - `configure`: changes the settings; see ``Configuration``.
  /// - Throws: ``SettingError`` if a setting does not fit the network or the images.
  /// - Precondition: the images have the model's size, channels and number of classes. An earlier trainer of the model
  ///   takes no further step.
  public convenience init(
    _ model: Model, on images: ImageSet, validation: Int = 0,
    _ configure: (inout Configuration) throws(SettingError) -> Void = { _ in }
  ) throws(SettingError) {
    let description = model.description
    precondition(
      images.height == description.height && images.width == description.width
        && images.channels == description.channels
        && images.classes == description.classNames.count,
      "the images do not fit the model: "
        + "\(images.height)×\(images.width)×\(images.channels) and \(images.classes) classes")
    var configuration = model.configuration
    configuration.validationCount = validation
    try configure(&configuration)
    for key in ["whiten", "head-std"] where configuration.text(key) != nil {
      throw SettingError(
        key: key, problem: "the model has its initial values already", found: nil,
        expected: "no such setting")
    }
    let data = try TrainingData(
      images, classNames: description.classNames, normalization: model.normalization,
      configuration)
    // The trainer may choose other algorithms than an executor of the model or an earlier trainer made.
    model.undoPreparation()
    try self.init(configuration, network: model.network, data: data, context: model.context)
    model.configuration = configuration
    model.trainedOn = data.identity
  }
}
