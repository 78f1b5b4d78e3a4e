#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process does at signals, as far as several parts of the program ask for it.
enum Signals {
  /// The set of the signals with these numbers.
  static func set(_ numbers: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    return set
  }

  /// Lets the signals reach this thread. A parent's thread that blocked them hands that on.
  static func unblock(_ numbers: [Int32]) {
    var heard = set(numbers)
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  /// True if the process ignores the signal, as SIGHUP if it was started by `nohup`.
  static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
