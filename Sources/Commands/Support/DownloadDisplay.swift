import Downloads
import Terminal

/// Shows the progress of a download on standard error.
final class DownloadDisplay {
  private let mode: ProgressDisplay.Mode
  private var display: ProgressDisplay
  private var meter = RateMeter()
  private var last: (time: ContinuousClock.Instant, done: Int)?

  init(mode: ProgressDisplay.Mode) {
    // A download comes before the run that has a dashboard.
    self.mode = mode == .dashboard ? .auto : mode
    display = ProgressDisplay(mode: self.mode, every: 1)
  }

  func show(_ event: Downloader.Event) {
    switch event {
    case .waiting(let folder, let process):
      display.note(
        "waiting for another process\(process.map { ", \($0)," } ?? "") that downloads into \(folder)"
      )
    case .starting(let file, let address, let done, let total):
      end()
      meter = RateMeter()
      last = (.now, done)
      let size = total.map { " (\(Format.bytes($0)))" } ?? ""
      let rest = done > 0 ? ", going on from \(Format.bytes(done))" : ""
      display.note("downloading \(file)\(size) from \(address)\(rest)")
    case .progress(let file, let done, let total):
      let now = ContinuousClock.now
      if let last { meter.add(done - last.done, seconds: (now - last.time) / .seconds(1)) }
      last = (now, done)
      display.update(
        TransferState(
          file: file, done: done, total: total, bytesPerSecond: meter.perSecond,
          secondsLeft: total.flatMap { meter.seconds(for: $0 - done) }))
    case .refused(_, let address, let problem):
      end()
      display.note("\(address): \(problem)")
    case .unpacking(let file):
      end()
      display.note("unpacking \(file)")
    case .finished: end()
    }
  }

  /// Ends the progress bar, which stays visible.
  func end() {
    display.finish()
    display = ProgressDisplay(mode: mode, every: 1)
  }
}
