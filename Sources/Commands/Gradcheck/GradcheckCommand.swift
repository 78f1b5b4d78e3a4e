import ArgumentParser
import Terminal
import Training

/// `swift run gradcheck`: checks gradients.
struct GradcheckCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "gradcheck",
    abstract: "Check gradients by central differences, and fast layers by the formulas.",
    discussion: """
      Without a subcommand it checks every layer, or a network: `gradcheck --model lenet5`. \
      `exercise` works the lecture's exercise aloud, `stride` the two ways back through a stride.
      """ + ProgramName.examples("gradcheck --model lenet5", "gradcheck exercise"),
    version: RunEnvironment.version,
    subcommands: [CheckCommand.self, ExerciseCommand.self, StrideCommand.self],
    defaultSubcommand: CheckCommand.self)

  /// Only the subcommands do anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}
