import ArgumentParser
import Datasets
import Terminal
import Training

extension TrainedModel {
  /// True for a network that was trained on MNIST or EMNIST, and takes their images.
  var isOfDigits: Bool {
    ImagePreparation.fitsDigits(model.height, model.width, model.channels)
      && ["mnist", "emnist"].contains(model.dataset.prefix { $0 != "-" }.description)
  }

  /// The preparation of images for the network, by the option `--prepare`.
  ///
  /// - Throws: ``Failure`` for a network that does not classify images of one or three channels.
  func imagePreparation(_ prepare: ImagePreparation.Digits?) throws -> ImagePreparation {
    guard !network.isAutoencoder else {
      throw Failure(
        .badData,
        "\(path): an autoencoder, which gives images (expected a network that gives classes). "
          + "Look at its images with `swift run evaluate`.")
    }
    guard model.channels == 1 || model.channels == 3 else {
      throw Failure(
        .badData,
        "\(path): the network takes other images (found \(model.channels) channels, expected 1 "
          + "or 3). Take another network.")
    }
    if prepare == .mnist,
      !ImagePreparation.fitsDigits(model.height, model.width, model.channels)
    {
      throw Failure(
        .usage,
        "--prepare: digits are gray squares (found “mnist” and a network for "
          + "\(model.height)×\(model.width)×\(model.channels), expected none).")
    }
    if let prepare, prepare != .mnist, !isOfDigits {
      Notice.warning(
        "--prepare changes nothing: the network was not trained on MNIST or EMNIST.")
    }
    let digits = prepare == .mnist ? .mnist : isOfDigits ? prepare ?? .auto : .none
    return ImagePreparation(
      height: model.height, width: model.width, channels: model.channels,
      background: configuration.background, digits: digits)
  }
}

extension ImagePreparation.Digits: ExpressibleByArgument {}
