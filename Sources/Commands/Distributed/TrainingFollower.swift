import Checkpoints
import Datasets
import Files
import Tensors
import Terminal
import Training

/// A process besides the first one that trains the same network. It has a trainer and no run directory.
///
/// The first process writes all files. At the start it tells the others the state of the run, so that only
/// the first process needs the run directory.
struct TrainingFollower {
  private let trainer: Trainer
  private let group: ProcessGroup

  /// Prepares a follower of a new run.
  init(
    given: [(key: String, value: String)], recipe: Recipe?, download: DownloadOptions,
    told: [UInt8], in group: ProcessGroup
  ) throws {
    self.group = group
    trainer = try TrainingPreparation(
      given: given, recipe: recipe, download: download, progress: .none, processes: group
    ).trainer
    try StartingState(told).check(trainer)
  }

  /// Prepares a follower of a resumed run.
  init(
    resuming told: [UInt8], given: [(key: String, value: String)], download: DownloadOptions,
    in group: ProcessGroup
  ) throws {
    self.group = group
    let state = try StartingState(told)
    let checkpoint = try CheckpointFile.decode(state.checkpoint, path: "the first process")
    var configuration = Configuration()
    for (key, value) in state.settings + given { try configuration.set(key, to: value) }
    Processors.setThreadCount(configuration.threads)
    let (loaded, _) = try TrainingPreparation.load(
      configuration, download, .none, sampleWillDo: checkpoint.isOfSample)
    trainer = try Trainer(
      configuration, network: try TrainingPreparation.network(configuration, loaded.entry),
      data: try TrainingData(loaded, configuration),
      context: try TrainingPreparation.context(configuration), processes: group)
    do throws(CheckpointProblem) { _ = try trainer.restore(checkpoint) } catch {
      throw CheckpointError(path: "the first process's checkpoint", problem: error)
    }
    try state.check(trainer)
  }

  /// Trains with the others, to the end or to a signal that any of them got.
  func execute() throws -> ExitStatus {
    while !trainer.isFinished {
      if let status = ExitStatus(rawValue: Int32(group.agreedWish)), status != .done {
        return status
      }
      group.wish = Int(SignalFlag.wish?.exitStatus.rawValue ?? 0)
      _ = try trainer.advance()
    }
    return .done
  }
}

/// The state of a run at its start, as the first process tells it to the others.
struct StartingState {
  /// The first process's settings.
  let settings: [(key: String, value: String)]
  /// The bytes of a checkpoint; empty for a new run.
  let checkpoint: [UInt8]
  /// The hash of everything that the training depends on.
  private let fingerprint: String

  /// - Parameter resumes: true for a resumed run, of which the others need the values.
  init(of trainer: Trainer, resumes: Bool) throws {
    let bytes = try Self.bytes(trainer)
    settings = Configuration.settings.compactMap { setting in
      trainer.configuration.text(setting.key).map { (setting.key, $0) }
    }
    checkpoint = resumes ? bytes : []
    fingerprint = Hash.sha256(of: [bytes])
  }

  private static func bytes(_ trainer: Trainer) throws -> [UInt8] {
    let checkpoint = trainer.checkpoint(metrics: .init(length: 0, sha256: ""))
    return try CheckpointFile.encode(
      tensors: checkpoint.tensors, metadata: checkpoint.metadata)
  }

  /// Reads what ``encoded`` gave.
  init(_ bytes: [UInt8]) throws {
    let end = bytes.firstIndex(of: 10) ?? bytes.endIndex
    guard case .object(let members)? = try? StrictJSON.parse(bytes[..<end]) else {
      throw Failure(.badData, "the first process told nothing that can be read.")
    }
    var (settings, fingerprint): ([(key: String, value: String)], String) = ([], "")
    for member in members {
      guard case .string(let value) = member.value else { continue }
      if member.key == "fingerprint" {
        fingerprint = value
      } else {
        settings.append((member.key, value))
      }
    }
    self.settings = settings
    self.fingerprint = fingerprint
    checkpoint = Array(bytes[min(end + 1, bytes.endIndex)...])
  }

  var encoded: [UInt8] {
    let members = settings.map { CanonicalJSON.Member($0.key, .string($0.value)) }
    let text = CanonicalJSON.object(members + [.init("fingerprint", .string(fingerprint))]).text
    return Array("\(text)\n".utf8) + checkpoint
  }

  /// Checks that `trainer` starts from the same data, settings and values.
  func check(_ trainer: Trainer) throws {
    let found = Hash.sha256(of: [try Self.bytes(trainer)])
    guard found == fingerprint else {
      throw Failure(
        .badData,
        "this process has other data, settings or initial values than the first one (found SHA-256 "
          + "\(found.prefix(16))…, expected \(fingerprint.prefix(16))…). "
          + "Give all hosts the same program, files and flags.")
    }
  }
}
