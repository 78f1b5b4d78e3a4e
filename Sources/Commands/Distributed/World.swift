import Tensors
import Terminal

#if MPI
  import MPIBridge
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The processes that `mpirun` or `srun` has started together, as one of them sees them.
///
/// Only the first process speaks: warnings, progress and results of the others would say the same. An error
/// is told once.
enum World {
  /// The processes; nil for a process alone.
  nonisolated(unsafe) private(set) static var group: ProcessGroup?
  nonisolated(unsafe) private(set) static var isOnOneHost = true

  /// The time without a sign of life after which a process counts as lost, in seconds. Ending the others
  /// takes `mpirun` two seconds more.
  static let patience = 6.0
  /// The time that a process which failed waits for the others to fail in the same way, in seconds.
  private static let commonFailure = 2.0

  /// True in the first process, and in a process alone.
  static var isFirst: Bool { (group?.rank ?? 0) == 0 }

  /// The name of a process for messages: `rank 2 on node7`.
  static func name(of rank: Int) -> String {
    #if MPI
      "rank \(rank) on \(String(cString: mpi_bridge_host(Int32(rank))))"
    #else
      "rank \(rank)"
    #endif
  }

  // MARK: Start

  /// Runs a command whose processes work together.
  ///
  /// - Parameter flag: a flag that asks for something which only one process can do.
  static func run(onlyAlone flag: String? = nil, _ body: () throws -> ExitStatus) throws
    -> ExitStatus
  {
    try join()
    guard let group else { return try body() }
    do {
      if let flag {
        throw Failure(
          .usage,
          "\(flag) works in one process (found \(group.count) processes, expected 1). "
            + "Start it without mpirun.")
      }
      let status = try body()
      _ = agree(status, seconds: 0)
      leave()
      return isFirst ? status : .done
    } catch {
      throw told(error as? Failure ?? Failure(error))
    }
  }

  /// The processes, if they can share each batch of one training; nil for a process alone.
  static func groupForOneTraining() throws -> ProcessGroup? {
    guard let group else { return nil }
    guard LaneShare.possibleCounts.contains(group.count) else {
      let counts = LaneShare.possibleCounts.dropLast().map(String.init).joined(separator: ", ")
      throw Failure(
        .usage,
        "a batch's \(Context.laneCount) lanes cannot be shared equally (found \(group.count) "
          + "processes, expected \(counts) or \(LaneShare.possibleCounts.last ?? 1)). "
          + "Give mpirun another -n.")
    }
    return group
  }

  /// Joins the other processes, if there are any.
  private static func join() throws {
    guard isLaunched else { return }
    #if MPI
      let sharesMemory = try sharesMemory()
      var world = mpi_bridge_world()
      switch mpi_bridge_start(&world, patience) {
      case mpi_bridge_started: break
      case mpi_bridge_no_threads:
        throw Failure(
          .usage,
          "this Open MPI allows no calls from several threads (expected MPI_THREAD_MULTIPLE). "
            + "Use one that was built with threads, as Debian's is.")
      default: throw Failure(.usage, "Open MPI does not start (MPI_Init_thread failed).")
      }
      isOpen = true
      isOnOneHost = world.one_host != 0
      if world.count > 1 {
        group = ProcessGroup(MPITransport(world, sharesMemory: sharesMemory))
      }
    #else
      guard let count = number("OMPI_COMM_WORLD_SIZE"), count > 1 else { return }
      var failure = Failure(
        .usage,
        "this program was built without Open MPI (found \(count) processes of mpirun, expected 1). "
          + "Build it with `swift build --traits MPI`.")
      failure.isSilent = rankOfLauncher > 0
      throw failure
    #endif
  }

  /// The environment variable that keeps processes of one host from sharing memory.
  private static let memoryVariable = "LECTURE_CNN_SHARED_MEMORY"

  /// - Throws: `Failure` if the variable has another value than `yes` or `no`.
  private static func sharesMemory() throws -> Bool {
    let text = getenv(memoryVariable).map { String(cString: $0) } ?? "yes"
    guard ["yes", "no"].contains(text) else {
      var failure = Failure(
        .usage, "\(memoryVariable): an unknown value (found “\(text)”, expected yes or no).")
      failure.isSilent = rankOfLauncher > 0
      throw failure
    }
    return text == "yes"
  }

  /// True if a launcher of MPI programs started this process.
  private static var isLaunched: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"].contains { (name: String) in getenv(name) != nil }
  }

  private static func number(_ variable: String) -> Int? {
    getenv(variable).flatMap { Int(String(cString: $0)) }
  }

  /// True if a process that has not joined the others yet should not tell an error of the command line,
  /// because the first process tells the same.
  static func isSilent(command: String, _ arguments: [String]) -> Bool {
    let name =
      command == LectureCNN.configuration.commandName ? arguments.dropFirst().first : command
    guard name == "train" || name == "sweep" else { return false }
    return rankOfLauncher > 0
  }

  /// The number of this process, before it has joined the others.
  private static var rankOfLauncher: Int {
    number("OMPI_COMM_WORLD_RANK") ?? number("PMIX_RANK") ?? 0
  }

  // MARK: End

  nonisolated(unsafe) private static var isOpen = false

  /// The exit codes of all processes; nil if not all of them end within `seconds`.
  private static func agree(_ status: ExitStatus, seconds: Double) -> [Int32]? {
    #if MPI
      guard let group else { return [status.rawValue] }
      var all = [Int32](repeating: 0, count: group.count)
      return mpi_bridge_agree(status.rawValue, &all, seconds) != 0 ? all : nil
    #else
      return [status.rawValue]
    #endif
  }

  private static func leave() {
    #if MPI
      guard isOpen else { return }
      isOpen = false
      mpi_bridge_end()
    #endif
  }

  /// The failure to tell in this process: the first process that failed tells it, and the others are silent.
  /// If the others go on, they are ended.
  private static func told(_ failure: Failure) -> Failure {
    guard let group else { return failure }
    var failure = failure
    if group.rank > 0, !failure.isSilent {
      failure = Failure(failure.status, "\(name(of: group.rank)): \(failure.message)")
    }
    guard let all = agree(failure.isSilent ? .done : failure.status, seconds: commonFailure) else {
      if !failure.isSilent { ErrorLine.error(failure.message.forThisProgram) }
      #if MPI
        mpi_bridge_abort(failure.status.rawValue)
      #endif
      return failure
    }
    if all.firstIndex(where: { $0 != 0 }) != group.rank { failure.isSilent = true }
    leave()
    return failure
  }

  // MARK: Together

  /// Prepares the first process and then the others, so that a download happens once.
  ///
  /// - Parameters:
  ///   - first: prepares the first process; its result is told to the others as bytes.
  ///   - other: prepares another process, from these bytes.
  /// - Throws: the error of this process, or a silent failure if another process failed.
  static func prepare<Result>(
    in group: ProcessGroup, first: () throws -> (Result, told: [UInt8]),
    other: (_ told: [UInt8]) throws -> Result
  ) throws -> Result {
    if group.rank == 0 {
      let result: Result
      do {
        let told: [UInt8]
        (result, told) = try first()
        _ = group.spread([1] + told)
      } catch {
        _ = group.spread([0])
        throw error
      }
      try checkAll(group, failed: false)
      return result
    }
    let bytes = group.spread([])
    guard bytes.first == 1 else { throw Failure.ofOther }
    do {
      let result = try other(Array(bytes.dropFirst()))
      try checkAll(group, failed: false)
      return result
    } catch let failure as Failure where failure.isSilent {
      throw failure
    } catch {
      try? checkAll(group, failed: true)
      throw error
    }
  }

  /// A text that the first process finds and the others are told; without others what `find` gives.
  static func tell(_ find: () throws -> String) throws -> String {
    guard let group else { return try find() }
    return try prepare(in: group) {
      let text = try find()
      return (text, Array(text.utf8))
    } other: {
      String(decoding: $0, as: UTF8.self)
    }
  }

  // MARK: Shared runs

  /// True if this process trains run `number` of a series, which the processes take in turn.
  static func takes(_ number: Int) -> Bool {
    guard let group else { return true }
    return number % group.count == group.rank
  }

  /// The reports of all processes on the runs of a series, and the first exit code that is not `done`.
  ///
  /// - Parameter status: the exit code of this process's runs.
  static func collect(
    _ report: [UInt8], _ status: ExitStatus
  ) -> (reports: [[UInt8]], status: ExitStatus) {
    guard let group else { return ([report], status) }
    let all = group.collect([UInt8(status.rawValue)] + report)
    let statuses = all.compactMap { $0.first.flatMap { ExitStatus(rawValue: Int32($0)) } }
    return (all.map { Array($0.dropFirst()) }, statuses.first { $0 != .done } ?? .done)
  }

  private static func checkAll(_ group: ProcessGroup, failed: Bool) throws {
    let all = group.collect([failed ? 1 : 0])
    guard all.allSatisfy({ $0 == [0] }) else { throw Failure.ofOther }
  }
}
