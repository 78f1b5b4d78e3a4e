#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files that a child process starts with, and the pipe ends to close afterwards.
struct FileActions {
  struct Failure: Error { let code: Int32 }

  #if canImport(Darwin)
    private var actions: posix_spawn_file_actions_t?
  #else
    private var actions = posix_spawn_file_actions_t()
  #endif
  /// The child's pipe ends, which this process does not need.
  private var ends: [Int32] = []

  init() { posix_spawn_file_actions_init(&actions) }

  /// Frees the list and closes the child's pipe ends in this process.
  mutating func close() {
    posix_spawn_file_actions_destroy(&actions)
    for end in ends { closeFile(end) }
    ends = []
  }

  mutating func open(_ path: String, as descriptor: Int32) {
    posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDONLY, 0)
  }

  /// Makes a pipe and gives the child one end as `descriptor`.
  ///
  /// - Returns: the other end.
  mutating func pipe(childReads: Bool, as descriptor: Int32) throws(Failure) -> Int32 {
    var both: (Int32, Int32) = (-1, -1)
    let failed = withUnsafeMutableBytes(of: &both) {
      makePipe($0.bindMemory(to: Int32.self).baseAddress!)
    }
    guard failed == 0 else { throw Failure(code: errno) }
    // Without FD_CLOEXEC other children would keep the ends open.
    for end in [both.0, both.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (theirs, ours) = childReads ? (both.0, both.1) : (both.1, both.0)
    posix_spawn_file_actions_adddup2(&actions, theirs, descriptor)
    ends.append(theirs)
    return ours
  }

  /// Starts the program. Returns 0 or the error number.
  mutating func spawn(
    _ child: inout pid_t, _ program: String, _ arguments: [UnsafeMutablePointer<CChar>?],
    inOwnGroup: Bool
  ) -> Int32 {
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
    #else
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    keepOtherFilesFromChildren()
    // This process ignores these signals, but the program expects the system's default handling.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var flags = Int32(POSIX_SPAWN_SETSIGDEF)
    if inOwnGroup {
      posix_spawnattr_setpgroup(&attributes, 0)
      flags |= Int32(POSIX_SPAWN_SETPGROUP)
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))
    return posix_spawnp(&child, program, &actions, &attributes, arguments, environ)
  }
}

/// Marks all descriptors but the standard streams as closed in children.
///
/// A child that outlives this process would otherwise hold files open that others wait for.
private func keepOtherFilesFromChildren() {
  let limit = min(sysconf(Int32(_SC_OPEN_MAX)), 4096)
  for descriptor in 3..<Int32(max(limit, 3)) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}

private func closeFile(_ file: Int32) { _ = close(file) }
private func makePipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { pipe(ends) }
