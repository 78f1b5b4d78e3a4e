import Layers
import Reports
import Training

/// The images that a run draws: of the network's filters, and of an autoencoder's reconstructions.
struct RunDrawings {
  let trainer: Trainer

  /// The filters of every convolution over images.
  var filters: [(layer: String, raster: Raster)] {
    trainer.network.layers.compactMap { layer in
      guard let convolution = layer as? Convolution2D else { return nil }
      let sheet = FilterSheet(
        weights: convolution.weight.storedValues(), shape: convolution.weightShape)
      return (layer.name, sheet.raster)
    }
  }

  /// The first images of the validation split, or of the training examples if there is none, with the
  /// network's reconstructions; nil for a classifier.
  var reconstructions: Raster? {
    guard trainer.network.isAutoencoder else { return nil }
    let data = trainer.data
    let indices = Array(
      (data.validation.isEmpty ? data.training : data.validation)
        .prefix(2 * ReconstructionSheet.columns))
    return ReconstructionSheet(
      originals: data.images.pixels(of: indices),
      reconstructions: trainer.reconstruct(indices), height: data.images.height,
      width: data.images.width, channels: data.images.channels
    ).raster
  }

  /// Whether images are due after `epoch` epochs.
  func areDue(epoch: Int) -> Bool {
    let interval = trainer.configuration.filtersEvery
    return interval > 0 && epoch % interval == 0
  }
}
