import ArgumentParser
import Terminal
import Training

/// `swift run benchmark`: measures the speed of training steps, layers and kernels.
struct BenchmarkCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Time training steps, in turn with other programs if asked; layers; kernels.",
    discussion: """
      Without a subcommand it times steps: `benchmark --model fer-cifar --against pytorch`. Machines \
      drift, so trust the ratios of one run, whose turns alternate, more than its rates. \
      docs/benchmarks.md explains every column.
      """
        + ProgramName.examples(
          "benchmark --model fer-mnist --against pytorch", "benchmark general --seed 1"),
    version: RunEnvironment.version,
    subcommands: [
      StepCommand.self, GeneralCommand.self, LayersCommand.self, KernelsCommand.self,
      TrafficCommand.self,
    ],
    defaultSubcommand: StepCommand.self)

  /// Only the subcommands do anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}
