import Synchronization
import Tensors
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs the network for all requests, on one thread and with the network's own threads.
///
/// The thread takes all images that wait, up to the network's batch, and then starts at once. While
/// it computes, the next batch gathers: under load batches grow, and a lone request never waits.
/// What else is in a batch changes no bit of an image's result.
final class InferenceQueue: Sendable {
  /// What to compute, and what to call with the results on the network's thread.
  enum Job: Sendable {
    /// - `pixels`: `[count, height, width, channels]`
    case classify(
      pixels: [UInt8], count: Int, done: @Sendable (Model, [[Float]]) -> Void)
    /// The outputs of every layer for one image, and its probabilities.
    case layers(
      pixels: [UInt8], done: @Sendable (Model, [Model.LayerOutput], [Float]) -> Void)

    var count: Int {
      switch self {
      case .classify(_, let count, _): count
      case .layers: Model.batchCapacity
      }
    }
  }

  private let state: State
  private let thread: BackgroundThread

  /// - Parameters:
  ///   - delay: the time to wait for more images before a batch that is not full, in seconds.
  ///   - observe: called with the number of images of every batch.
  init(_ model: Model, delay: Double, observe: @escaping @Sendable (Int) -> Void) {
    let state = State(model, delay: delay, observe: observe)
    self.state = state
    thread = BackgroundThread { state.work() }
  }

  func submit(_ job: Job) {
    state.append(job)
    thread.wake()
  }

  private final class State: @unchecked Sendable {
    // Guarded by `computing`.
    private let model: Model
    private let computing = Mutex(())
    private let jobs = Mutex<[Job]>([])
    private let delay: Double
    private let observe: @Sendable (Int) -> Void

    init(_ model: Model, delay: Double, observe: @escaping @Sendable (Int) -> Void) {
      self.model = model
      self.delay = delay
      self.observe = observe
    }

    func append(_ job: Job) { jobs.withLock { $0.append(job) } }

    func work() {
      computing.withLock { _ in
        while true {
          waitForMore()
          let batch = next()
          guard !batch.isEmpty else { return }
          compute(batch)
        }
      }
    }

    private func waitForMore() {
      let count = jobs.withLock { $0.reduce(0) { $0 + $1.count } }
      guard delay > 0, count > 0, count < Model.batchCapacity else { return }
      usleep(UInt32(delay * 1e6))
    }

    /// The jobs at the front that are one batch.
    private func next() -> [Job] {
      jobs.withLock { jobs in
        var (length, images) = (0, 0)
        while length < jobs.count, length == 0 || images + jobs[length].count <= Model.batchCapacity
        {
          images += jobs[length].count
          length += 1
        }
        defer { jobs.removeFirst(length) }
        return Array(jobs[..<length])
      }
    }

    private func compute(_ batch: [Job]) {
      if case .layers(let pixels, let done) = batch[0] {
        let outputs = model.layerOutputs(of: pixels)
        done(model, outputs, model.probabilities(of: pixels)[0])
        return
      }
      var pixels: [UInt8] = []
      for case .classify(let part, _, _) in batch { pixels += part }
      let rows = model.probabilities(of: pixels)
      observe(rows.count)
      var first = 0
      for case .classify(_, let count, let done) in batch {
        done(model, Array(rows[first..<first + count]))
        first += count
      }
    }
  }
}
