import Files
import Reports
import Training

/// The images that a run draws into its directory.
extension TrainingSession {
  /// Draws the filters of every convolution, and an autoencoder's reconstructions of some images,
  /// if images are due at `epoch`.
  func writeImages(epoch: Int) {
    let drawings = RunDrawings(trainer: run.trainer)
    guard drawings.areDue(epoch: epoch) else { return }
    let number = String(epoch)
    let name = "epoch-\(String(repeating: "0", count: max(0, 3 - number.count)))\(number)"
    for (layer, raster) in drawings.filters {
      write(raster, to: "filters/\(name)-\(layer).png")
    }
    if let raster = drawings.reconstructions {
      write(raster, to: "reconstructions/\(name).png")
    }
  }

  /// Draws the curves of the epochs that have ended.
  func writeCurves(_ history: [MetricsHistory.Epoch]) {
    let (norms, speeds) = (run.gradientNorms, run.speeds)
    let plot = TrainingPlot(
      title: "\(configuration.dataset), \(configuration.network!.name)",
      points: history.map { epoch in
        var point = TrainingPlot.Point(epoch)
        point.gradientNorm = norms[epoch.epoch]
        point.imagesPerSecond = speeds[epoch.epoch]
        return point
      })
    write(Array(plot.svg.utf8), to: "plots/training.svg")
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
