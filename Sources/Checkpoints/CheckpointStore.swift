import Files

/// The newest usable checkpoint of a run.
public struct NewestCheckpoint: Sendable, Equatable {
  public let contents: Checkpoint
  public let step: Int
  public let path: String
  /// One line for each newer checkpoint that cannot be read: its path, the error, and the
  /// checkpoint that is used instead.
  public let warnings: [String]
}

/// A run's folder of checkpoints, `step-0000000938.safetensors` and `best.safetensors`.
///
/// The checkpoint of a step is written once and never changed. Files with other names are ignored.
public struct CheckpointStore: Sendable {
  public let directory: String
  private let operations: FileOperations

  /// Names the folder, which need not exist before ``prepare()``.
  public init(directory: String, operations: FileOperations = .system) {
    self.directory = directory
    self.operations = operations
  }

  /// Creates the folder if it is missing, and removes temporary files that a killed run left
  /// behind.
  ///
  /// Only the holder of the ``FolderLock`` may call this.
  public func prepare() throws(CheckpointStoreError) {
    do throws(OutputFileError) {
      try OutputFile.createFolder(directory, operations: operations)
      try OutputFile.removeLeftovers(in: directory, operations: operations)
    } catch { throw .output(error) }
  }

  /// The path of the best checkpoint so far.
  public var bestPath: String { directory + "/best.safetensors" }

  /// The path of the checkpoint of `step`.
  public func path(step: Int) -> String { directory + "/" + Self.name(step: step) }

  // MARK: Writing

  /// Writes the checkpoint of `step`.
  ///
  /// Saving the same bytes again is allowed. A damaged file is replaced, so a run that resumed from
  /// an earlier checkpoint repairs the folder.
  ///
  /// - Parameter bytes: the result of ``CheckpointFile/encode(tensors:metadata:)``.
  /// - Throws: ``CheckpointStoreError/differs(path:)`` if the step has another checkpoint that is
  ///   not damaged; ``CheckpointStoreError/output(_:)`` if writing failed. All earlier checkpoints
  ///   are still there then.
  public func save(_ bytes: [UInt8], step: Int) throws(CheckpointStoreError) {
    let path = path(step: step)
    if let old = try? InputFile.read(path, limit: CheckpointFile.limit) {
      if old == bytes { return try bringNameToDisk(path) }
      if (try? CheckpointFile.decode(old, path: path)) != nil { throw .differs(path: path) }
    }
    try write(bytes, to: path)
  }

  /// Writes the best checkpoint so far and replaces the previous one.
  public func saveBest(_ bytes: [UInt8]) throws(CheckpointStoreError) {
    try write(bytes, to: bestPath)
  }

  /// Removes the checkpoints before `step` that ``retention(steps:keep:every:)`` does not keep.
  ///
  /// Nothing is removed if the checkpoint of `step` itself does not exist. Checkpoints of later
  /// steps are neither counted nor removed; they are damaged files that a resumed run did not use.
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

  /// If synchronizing the folder failed after the rename, the name may be visible to running
  /// programs but not be on the disk.
  private func bringNameToDisk(_ path: String) throws(CheckpointStoreError) {
    do throws(OutputFileError) {
      try OutputFile.synchronizeFolder(of: path, operations)
    } catch { throw .output(error) }
  }

  // MARK: Reading

  /// The steps that have a checkpoint, damaged or not, in ascending order.
  public func steps() throws(CheckpointStoreError) -> [Int] {
    do throws(SystemError) {
      return try OutputFile.names(in: directory).compactMap(Self.step(ofName:))
    } catch {
      throw .unlistable(directory: directory, reason: error)
    }
  }

  /// The newest checkpoint that is not damaged.
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

  /// The steps whose checkpoints are kept: the last `keep`, and every multiple of `every`.
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

  /// The file name of the checkpoint of `step`, with ten digits so that names sort like steps.
  static func name(step: Int) -> String {
    precondition(0..<10_000_000_000 ~= step, "a checkpoint of step \(step)")
    let digits = String(step)
    return "step-" + String(repeating: "0", count: 10 - digits.count) + digits + ".safetensors"
  }

  /// The step in a checkpoint's file name; nil for other names.
  static func step(ofName name: String) -> Int? {
    guard name.utf8.count == 27, let step = Int(name.dropFirst(5).prefix(10)), step >= 0,
      name == Self.name(step: step)
    else { return nil }
    return step
  }
}
