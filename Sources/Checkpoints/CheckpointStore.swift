import Files

/// The newest checkpoint of a run that can be used.
public struct NewestCheckpoint: Sendable, Equatable {
  public let contents: Checkpoint
  public let step: Int
  public let path: String
  /// A line for every newer checkpoint that was passed over: its path, what is wrong with it and
  /// what was taken instead.
  public let warnings: [String]
}

/// A run's folder of checkpoints, `step-0000000938.safetensors` and `best.safetensors`.
///
/// A checkpoint of a step is written once and never changed. Files of other names are left alone.
public struct CheckpointStore: Sendable {
  public let directory: String
  private let operations: FileOperations

  /// Names the folder; it need not exist before ``prepare()``.
  public init(directory: String, operations: FileOperations = .system) {
    self.directory = directory
    self.operations = operations
  }

  /// Makes the folder ready for writing: creates it, and removes temporary files that a killed run
  /// left behind.
  ///
  /// To be called by the holder of the ``FolderLock`` alone.
  public func prepare() throws(CheckpointStoreError) {
    do throws(OutputFileError) {
      try OutputFile.createFolder(directory, operations: operations)
      try OutputFile.removeLeftovers(in: directory, operations: operations)
    } catch { throw .output(error) }
  }

  /// Where the best checkpoint so far lies.
  public var bestPath: String { directory + "/best.safetensors" }

  /// Where the checkpoint of `step` lies.
  public func path(step: Int) -> String { directory + "/" + Self.name(step: step) }

  // MARK: Writing

  /// Writes the checkpoint of `step`.
  ///
  /// The same bytes may be saved again. A damaged file is replaced, so that a run which resumed
  /// from the checkpoint before it heals the folder.
  ///
  /// - Parameter bytes: what ``CheckpointFile/encode(tensors:metadata:)`` returned.
  /// - Throws: ``CheckpointStoreError/differs(path:)`` if the step has another, whole checkpoint;
  ///   ``CheckpointStoreError/output(_:)`` if writing failed, with all earlier checkpoints there.
  public func save(_ bytes: [UInt8], step: Int) throws(CheckpointStoreError) {
    let path = path(step: step)
    if let old = try? InputFile.read(path, limit: CheckpointFile.limit) {
      if old == bytes { return try bringNameToDisk(path) }
      if (try? CheckpointFile.decode(old, path: path)) != nil { throw .differs(path: path) }
    }
    try write(bytes, to: path)
  }

  /// Writes the best checkpoint so far, in place of the one before.
  public func saveBest(_ bytes: [UInt8]) throws(CheckpointStoreError) {
    try write(bytes, to: bestPath)
  }

  /// Removes the checkpoints before `step` that ``retention(steps:keep:every:)`` gives up.
  ///
  /// Nothing goes as long as the checkpoint of `step` itself is not there. Those of later steps, which a run that
  /// went on from an earlier one found damaged, neither count nor go.
  ///
  /// - Parameter spared: a step whose checkpoint stays, too.
  /// - Returns: the steps whose checkpoints were removed.
  @discardableResult
  public func prune(
    after step: Int, keep: Int = 2, every: Int? = nil, sparing spared: Int? = nil
  ) throws(CheckpointStoreError) -> [Int] {
    let steps = try steps().filter { $0 <= step }
    guard steps.last == step else { return [] }
    let (_, delete) = Self.retention(steps: steps, keep: keep, every: every)
    let removed = delete.filter { $0 != spared }
    for step in removed {
      do throws(OutputFileError) { try OutputFile.remove(path(step: step), operations) } catch {
        throw .output(error)
      }
    }
    return removed
  }

  private func write(_ bytes: [UInt8], to path: String) throws(CheckpointStoreError) {
    do throws(OutputFileError) {
      try OutputFile.write(bytes, to: path, operations: operations)
    } catch { throw .output(error) }
  }

  /// A file that is there already may be so for this process alone, if bringing the folder to the
  /// disk failed after it got its name.
  private func bringNameToDisk(_ path: String) throws(CheckpointStoreError) {
    do throws(OutputFileError) {
      try OutputFile.synchronizeFolder(of: path, operations)
    } catch { throw .output(error) }
  }

  // MARK: Reading

  /// The steps that have a checkpoint, whole or damaged, in ascending order.
  public func steps() throws(CheckpointStoreError) -> [Int] {
    do throws(SystemError) {
      return try OutputFile.names(in: directory).compactMap(Self.step(ofName:))
    } catch {
      throw .unlistable(directory: directory, reason: error)
    }
  }

  /// The newest checkpoint that is whole.
  ///
  /// - Throws: ``CheckpointStoreError/empty(directory:)`` or
  ///   ``CheckpointStoreError/noneValid(directory:errors:)``.
  public func newest() throws(CheckpointStoreError) -> NewestCheckpoint {
    var errors: [CheckpointError] = []
    for step in try steps().reversed() {
      let path = path(step: step)
      do throws(CheckpointError) {
        let contents = try CheckpointFile.read(path)
        if let found = contents.metadata["step"], found != String(step) {
          throw CheckpointError(path: path, problem: .otherStep(found: found, expected: step))
        }
        let taken = Self.name(step: step)
        let warnings = errors.map { "\($0.path): \($0.problem). Taking \(taken) instead." }
        return NewestCheckpoint(contents: contents, step: step, path: path, warnings: warnings)
      } catch { errors.append(error) }
    }
    guard !errors.isEmpty else { throw .empty(directory: directory) }
    throw .noneValid(directory: directory, errors: errors)
  }

  // MARK: Rules

  /// Which of `steps` keep their checkpoints: the last `keep`, and every step that `every` divides.
  ///
  /// Both lists are in ascending order.
  public static func retention(
    steps: [Int], keep: Int = 2, every: Int? = nil
  ) -> (save: [Int], delete: [Int]) {
    precondition(keep > 0, "a run keeps at least one checkpoint, not \(keep)")
    precondition(every ?? 1 > 0, "every \(every ?? 1)-th checkpoint")
    let steps = Set(steps).sorted()
    let last = steps.suffix(keep)
    var save: [Int] = []
    var delete: [Int] = []
    for step in steps {
      let isKept = last.contains(step) || every.map { step % $0 == 0 } ?? false
      if isKept { save.append(step) } else { delete.append(step) }
    }
    return (save, delete)
  }

  /// The file name of `step`'s checkpoint, ten digits wide so that names sort as steps do.
  static func name(step: Int) -> String {
    precondition(0..<10_000_000_000 ~= step, "a checkpoint of step \(step)")
    let digits = String(step)
    return "step-" + String(repeating: "0", count: 10 - digits.count) + digits + ".safetensors"
  }

  /// The step in a checkpoint's file name, or `nil` for any other name.
  static func step(ofName name: String) -> Int? {
    guard name.utf8.count == 27, let step = Int(name.dropFirst(5).prefix(10)), step >= 0,
      name == Self.name(step: step)
    else { return nil }
    return step
  }
}
