import ArgumentParser
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A command of this package. It ends with an ``ExitStatus``, and prints one line if it fails.
protocol Command: ParsableCommand {
  /// True if the command checks ``SignalFlag/wish`` and ends by itself; other commands end at a
  /// signal at once.
  static var heedsSignals: Bool { get }
  func execute() throws -> ExitStatus
}

extension Command {
  static var heedsSignals: Bool { false }

  /// Parses the command line, executes the command or the selected subcommand, and exits.
  static func main() -> Never {
    TerminalGuard.runIfAsked()
    StandardStream.openAll()
    SignalFlag.prepare()
    var status = ExitStatus.done
    do {
      let command = try Self.parseAsRoot()
      if let command = command as? any Command {
        if type(of: command).heedsSignals { SignalFlag.install() }
        status = try command.execute()
      } else {
        var other = command
        try other.run()
      }
    } catch let failure as Failure {
      status = report(failure)
    } catch  where exitCode(for: error) == .success {
      // The user asked for help, the version or a completion script.
      exit(withError: error)
    } catch  where exitCode(for: error) == .validationFailure {
      if World.isSilent(command: _commandName, CommandLine.arguments) {
        end(with: ExitStatus.done.rawValue)
      }
      let message = message(for: error).split(separator: "\n").joined(separator: " ")
      let help = ProgramName.help(of: _commandName, CommandLine.arguments)
      let end = message.hasSuffix(".") || message.hasSuffix("?") ? "" : "."
      status = report(Failure(.usage, "\(message)\(end) See \(help)."))
    } catch {
      status = report(Failure(error))
    }
    end(with: status.rawValue)
  }

  private static func report(_ failure: Failure) -> ExitStatus {
    // mpirun ends all processes when one has failed, so the process that tells the error must be the first.
    if failure.isSilent { return .done }
    for line in failure.details { ErrorLine.error(line) }
    ErrorLine.error(failure.message.forThisProgram)
    return failure.status
  }
}

// `ParsableCommand.exit` hides the system's function of the same name.
private func end(with status: Int32) -> Never { exit(status) }
