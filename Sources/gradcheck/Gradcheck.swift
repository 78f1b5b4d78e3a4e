import ArgumentParser
import CommandSupport
import Terminal
import Training

/// `swift run gradcheck`: whether the gradients are right.
@main
struct Gradcheck: Command {
  static let configuration = CommandConfiguration(
    commandName: "gradcheck",
    abstract: "Check gradients by central differences, and fast layers by the formulas.",
    discussion: """
      Without a subcommand it checks every layer, or a network: `gradcheck --model lenet5`. \
      `exercise` works the lecture's exercise aloud, `stride` the two ways back through a stride.
      """,
    version: RunEnvironment.version,
    subcommands: [Check.self, Exercise.self, Stride.self],
    defaultSubcommand: Check.self)

  /// Only a subcommand does anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}
