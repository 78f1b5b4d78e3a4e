import ArgumentParser
import Terminal
import Training

/// `lecture-cnn`: all commands in one program.
struct LectureCNN: Command {
  static let configuration = CommandConfiguration(
    commandName: "lecture-cnn",
    abstract: "Train, evaluate and check small convolutional networks on CPUs.",
    discussion: """
      Examples:
        lecture-cnn train --dataset mnist
        lecture-cnn evaluate runs/mnist-fer-mnist-1
      """,
    version: RunEnvironment.version,
    subcommands: Launcher.commands)

  /// Only the subcommands do anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}

/// Starts the programs of this package.
package enum Launcher {
  /// The commands, in the order in which `lecture-cnn --help` lists them.
  static let commands: [any Command.Type] = [
    TrainCommand.self, EvaluateCommand.self, PredictCommand.self, VisualizeCommand.self,
    InspectCommand.self, ServeCommand.self, NetworkExportCommand.self, CompareCommand.self,
    AverageCommand.self, SweepCommand.self, BenchmarkCommand.self, GradcheckCommand.self,
    DatasetsCommand.self, RecipesCommand.self, VersionCommand.self,
  ]

  static var names: [String] { commands.map { $0.configuration.commandName ?? "" } }

  /// Runs `lecture-cnn`, or the single command called `name`, and exits.
  package static func main(_ name: String? = nil) -> Never {
    guard let name else { LectureCNN.main() }
    guard let command = commands.first(where: { $0.configuration.commandName == name })
    else { preconditionFailure("there is no command \(name)") }
    command.main()
  }
}
