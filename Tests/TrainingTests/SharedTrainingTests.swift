import Checkpoints
import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Training

/// Several processes train one network to the bits of one process, by messages and in shared memory. The
/// processes are threads here.
@Suite struct SharedTrainingTests {
  /// What a process has after some steps.
  private struct Outcome: Equatable, Sendable {
    let state: [[Float]]
    let steps: [StepReport]
    let epochs: [EpochReport]
    let lossSum: Double
  }

  private static func outcome(_ trainer: Trainer, steps: Int) throws -> Outcome {
    var (reports, epochs): ([StepReport], [EpochReport]) = ([], [])
    for _ in 0..<steps {
      let (step, epoch) = try trainer.advance()
      reports.append(step)
      if let epoch { epochs.append(epoch) }
    }
    return Outcome(
      state: trainer.state
        + (trainer.selection?.network.parameters ?? []).map { $0.storedValues() },
      steps: reports, epochs: epochs, lossSum: trainer.progress.lossSum)
  }

  private struct SharingError: Error {}

  /// The sizes of shared memory with which everything is tested; 0 for messages.
  private static let sharedBytes = [0, 1 << 30]

  /// Calls `body` in `count` processes.
  private static func processes<Result: Sendable>(
    _ count: Int, sharedBytes: Int,
    _ body: @escaping @Sendable (_ group: ProcessGroup) throws -> Result
  ) throws -> [Result] {
    try ThreadProcesses.run(count, sharedBytes: sharedBytes) { group in
      let result = try body(group)
      guard (group.shared != nil) == (sharedBytes > 0) else { throw SharingError() }
      return result
    }
  }

  private static func checkpoint(_ trainer: Trainer) throws -> [UInt8] {
    let checkpoint = trainer.checkpoint(metrics: .empty)
    return try CheckpointFile.encode(tensors: checkpoint.tensors, metadata: checkpoint.metadata)
  }

  private static func run(_ settings: [(String, String)]) throws -> SmallRun {
    var run = try SmallRun()
    run.examples = 61
    for (key, value) in [("batch-size", "23")] + settings {
      try run.configuration.set(key, to: value)
    }
    return run
  }

  /// 56 examples in batches of 23, 23 and 10, of which the last has no example for some of 16 processes.
  private static func compare(
    _ settings: [(String, String)], processes: [Int], steps: Int = 7
  ) throws {
    let expected = try outcome(try run(settings).trainer(threads: 2), steps: steps)
    #expect(!expected.epochs.isEmpty)
    for count in processes {
      for bytes in sharedBytes {
        let found = try Self.processes(count, sharedBytes: bytes) { group in
          let trainer = try run(settings).trainer(threads: group.rank % 2 + 1, processes: group)
          return try outcome(trainer, steps: steps)
        }
        for (rank, outcome) in found.enumerated() {
          #expect(outcome == expected, "rank \(rank) of \(count), \(bytes) bytes, \(settings)")
        }
      }
    }
  }

  @Test(arguments: [
    "fc(12) relu fc(classes)",
    "conv(4,3) bn relu pool(4) dropout(0.3) fc(40) bn relu fc(classes)",
    "bn conv(3,3,bias=no) bn relu conv(5,3,stride=2) gelu avgpool(2) dropout(0.2) flatten fc(classes)",
    "conv(8,3) res(bn relu conv(8,3) droppath(0.3)) gn(2) silu dwconv(3) pool(4) fc(classes)",
    "conv(8,5) pool(2) relu conv(16,5) relu pool(2) fc(classes)",
    "conv(4,3) pool(7) conv(20,4,padding=valid) bn relu conv(12,3) relu fc(classes)",
  ])
  func layersGiveTheBitsOfOneProcess(_ architecture: String) throws {
    try Self.compare([("arch", architecture)], processes: [2, 4, 8, 16])
  }

  /// The weights of conv2 are larger than a cache, so its gradient is one chain over the whole batch.
  @Test(arguments: [
    "pool(4) conv(64,3) relu conv(128,3) relu pool(7) fc(classes)",
    "pool(4) conv(64,3) bn relu conv(128,3,bias=no) bn relu pool(7) fc(classes)",
    "pool(14) conv(40,3) relu conv(50,7) relu fc(classes)",
  ])
  func aChainOverTheWholeBatchIsNotCut(_ architecture: String) throws {
    let run = try Self.run([("arch", architecture)])
    let chains = try run.trainer().step.executor.exchanges.filter {
      if case .chain = $0 { true } else { false }
    }
    #expect(chains.count == 1)
    try Self.compare([("arch", architecture)], processes: [2, 4, 16], steps: 4)
  }

  @Test(arguments: [
    [("opt", "muon")], [("opt", "adamw")], [("accumulate", "2"), ("batch-size", "7")],
    [("augment", "translate(2) rotate(10) mixup(0.4)")], [("clip-norm", "0.5"), ("ema", "0.9")],
    [("class-weights", "auto")], [("loss-reduction", "sum"), ("lr", "0.001")],
    [("sampler", "weighted")], [("smoothing", "0.1"), ("loss", "mse")],
    [("proxy", "conv(2,5) pool(4) relu dropout(0.2) fc(classes)"), ("hardest", "keep=9,every=2")],
    [("lookahead", "every=2,decay=0.5"), ("ema", "0.8"), ("opt", "lion"), ("lr", "0.001")],
    [("freeze", "conv1"), ("swa", "2")], [("clip-value", "0.01"), ("opt", "rmsprop")],
    [("train-for", "conv1.bias=1.4")],
  ])
  func settingsGiveTheBitsOfOneProcess(_ settings: [(String, String)]) throws {
    var settings = settings
    settings.insert(("arch", "conv(4,3) bn relu pool(4) dropout(0.3) fc(classes)"), at: 0)
    try Self.compare(settings, processes: [2, 4])
  }

  @Test func aStepSendsWhatTheModelSays() throws {
    let settings = [
      (
        "arch",
        "pool(4) conv(64,3) bn relu conv(128,3) relu pool(7) fc(40) bn relu fc(classes)"
      )
    ]
    for count in [2, 4, 16] {
      let found = try ThreadProcesses.run(count) { group in
        let trainer = try Self.run(settings).trainer(processes: group)
        _ = try trainer.takeSteps(1)
        return trainer.stepTraffic
      }
      let exchanges = try Self.run(settings).trainer().step.executor.exchanges
      for (rank, traffic) in found.enumerated() {
        let model = exchanges.reduce(ProcessGroup.Traffic()) {
          $0 + $1.traffic(rank: rank, processes: count, batch: 23)
        }
        #expect(traffic == model && traffic.bytes > 0)
      }
    }
  }

  /// In shared memory a step sends nothing, and has the barriers of the model.
  @Test(arguments: [
    "pool(4) conv(64,3) bn relu conv(128,3) relu pool(7) fc(40) bn relu fc(classes)",
    "fc(12) relu fc(classes)", "conv(2,5) pool(4) relu conv(10,3) globalavg",
  ])
  func aStepInSharedMemoryHasTheBarriersOfTheModel(_ architecture: String) throws {
    let settings = [("arch", architecture)]
    for count in [2, 4, 16] {
      let found = try Self.processes(count, sharedBytes: 1 << 30) { group in
        let trainer = try Self.run(settings).trainer(processes: group)
        _ = try trainer.takeSteps(1)
        return trainer.stepTraffic
      }
      let barriers = try Self.run(settings).trainer().step.executor.exchanges.reduce(
        StepExchange.otherBarriers
      ) { $0 + $1.barriers(processes: count, batch: 23) }
      #expect(found.allSatisfy { $0 == ProcessGroup.Traffic(barriers: barriers) }, "\(found)")
    }
  }

  /// Where the host has too little memory to share, the processes exchange messages.
  @Test func withoutEnoughSharedMemoryMessagesAreSent() throws {
    let settings = [("arch", "conv(4,3) bn relu pool(4) fc(classes)")]
    let expected = try Self.outcome(try Self.run(settings).trainer(), steps: 3)
    let found = try ThreadProcesses.run(2, sharedBytes: 1 << 20) { group in
      let trainer = try Self.run(settings).trainer(processes: group)
      guard group.shared == nil else { throw SharingError() }
      return (try Self.outcome(trainer, steps: 3), trainer.stepTraffic)
    }
    #expect(found.allSatisfy { $0.0 == expected && $0.1.messages > 0 && $0.1.barriers == 0 })
  }

  /// The first process may write checkpoints at any time, which show the average in the shared parameters for a
  /// moment. A run goes on from them with other processes.
  @Test func checkpointsOfTheFirstProcessChangeNothing() throws {
    let settings = [
      ("arch", "conv(4,3) bn relu pool(4) dropout(0.3) fc(classes)"), ("ema", "0.9"),
      ("opt", "adamw"), ("epochs", "4"),
    ]
    let alone = try Self.run(settings).trainer()
    var states = [try Self.checkpoint(alone)]
    for _ in 0..<5 {
      _ = try alone.advance()
      states.append(try Self.checkpoint(alone))
    }
    let expected = states
    let found = try Self.processes(4, sharedBytes: 1 << 30) { group in
      let trainer = try Self.run(settings).trainer(processes: group)
      var own = group.rank == 0 ? [try Self.checkpoint(trainer)] : []
      for _ in 0..<5 {
        _ = try trainer.advance()
        if group.rank == 0 { own.append(try Self.checkpoint(trainer)) }
      }
      return own
    }
    #expect(found[0] == expected)
    for start in [0, 3] {
      let last = try Self.processes(2, sharedBytes: 1 << 30) { group in
        let trainer = try Self.run(settings).trainer(processes: group)
        _ = try trainer.restore(CheckpointFile.decode(expected[start], path: ""))
        for _ in start..<5 { _ = try trainer.advance() }
        _ = group.collect([])
        return group.rank == 0 ? try Self.checkpoint(trainer) : []
      }
      #expect(last[0] == expected[5])
    }
  }

  /// Phases with images of other sizes give the memory of their exchanges back.
  @Test func phasesReuseSharedMemory() throws {
    try Self.compare(
      [("arch", "conv(4,3) bn relu globalavg fc(classes)"), ("image-sizes", "14:1 20:1 28:1")],
      processes: [2, 4], steps: 9)
  }

  /// An error that one process would throw is thrown by all.
  @Test(arguments: sharedBytes) func aLossThatIsNotFiniteEndsAllProcesses(_ sharedBytes: Int) throws
  {
    let errors = try Self.processes(4, sharedBytes: sharedBytes) { group in
      let trainer = try Self.run([("lr", "1e30"), ("loss", "mse")]).trainer(processes: group)
      do {
        _ = try trainer.takeSteps(9)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(Set(errors).count == 1 && errors[0] != "")
  }

  @Test(arguments: sharedBytes) func aWishToStopReachesAllProcessesAfterTheSameStep(
    _ sharedBytes: Int
  ) throws {
    let stops = try Self.processes(4, sharedBytes: sharedBytes) { group in
      let trainer = try Self.run([]).trainer(processes: group)
      for step in 1...6 {
        group.wish = group.rank == 2 && step >= 3 ? 15 : 0
        _ = try trainer.advance()
        if group.agreedWish != 0 { return step }
      }
      return 0
    }
    #expect(stops == [3, 3, 3, 3])
  }
}
