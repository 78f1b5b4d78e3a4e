import Files
import Layers
import Reports
import Training

/// The images that a run draws.
extension TrainingSession {
  /// Draws the filters of every convolution, and an autoencoder's reconstructions of some images,
  /// if images are due at `epoch`.
  func writeImages(epoch: Int) {
    guard configuration.filtersEvery > 0, epoch % configuration.filtersEvery == 0 else { return }
    let number = String(epoch)
    let name = "epoch-\(String(repeating: "0", count: max(0, 3 - number.count)))\(number)"
    for layer in run.trainer.network.layers {
      guard let convolution = layer as? Convolution2D else { continue }
      let sheet = FilterSheet(
        weights: convolution.weight.storedValues(), shape: convolution.weightShape)
      write(sheet.raster, to: "filters/\(name)-\(layer.name).png")
    }
    if run.trainer.network.isAutoencoder {
      write(reconstructions(), to: "reconstructions/\(name).png")
    }
  }

  /// The first images of the validation split, or of the training examples if there is none, with the
  /// network's reconstructions.
  private func reconstructions() -> Raster {
    let (trainer, data) = (run.trainer, run.trainer.data)
    let indices = Array(
      (data.validation.isEmpty ? data.training : data.validation)
        .prefix(2 * ReconstructionSheet.columns))
    return ReconstructionSheet(
      originals: data.images.pixels(of: indices),
      reconstructions: trainer.reconstruct(indices), height: data.images.height,
      width: data.images.width, channels: data.images.channels
    ).raster
  }

  private func write(_ image: Raster, to name: String) {
    do throws(PNGError) { write(try PNG.encode(image), to: name) } catch {
      run.warning("\(name) was not drawn: \(error)")
    }
  }

  /// Writes a file that training does not need. A failure causes a warning and does not end the
  /// run.
  func write(_ bytes: [UInt8], to name: String) {
    do throws(OutputFileError) { try run.directory.write(bytes, to: name) } catch {
      run.warning("\(error)")
    }
  }
}
