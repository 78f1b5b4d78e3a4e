import Tensors
import Training

extension Configuration {
  /// The default settings with those of a command that trains nothing. Sets the number of threads of this process.
  ///
  /// - Parameter threads: the value of `--threads`.
  /// - Throws: ``SettingError`` for another value than a number of threads.
  @discardableResult
  static func forExecution(threads: String?) throws -> Configuration {
    var execution = Configuration()
    if let threads { try execution.set("threads", to: threads) }
    Processors.setThreadCount(execution.threads)
    return execution
  }
}
