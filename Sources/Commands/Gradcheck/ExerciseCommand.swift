import ArgumentParser
import Files
import GradientChecking
import Tensors
import Terminal
import Training

/// `gradcheck exercise`: shows the lecture's exercise step by step.
struct ExerciseCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "exercise",
    abstract: "Work the lecture's exercise: every tensor and gradient, as on the slide.",
    discussion: """
      The exit status is 1 if the fast layers give other numbers than the Textbook.
      """)

  @Flag(help: "Write the tensors as JSON.")
  var json = false

  func execute() throws -> ExitStatus {
    let walk = ExerciseWalk(Context(threadCount: 1))
    try StandardStream.output.write(json ? Self.json(walk).text + "\n" : walk.text)
    return walk.agrees ? .done : .checkFailed
  }

  private static func json(_ walk: ExerciseWalk) -> CanonicalJSON {
    [
      "agrees": .boolean(walk.agrees),
      "tensors": .array(
        walk.steps.map { step in
          [
            "name": .string(step.name), "shape": .array(step.shape.map { .integer($0) }),
            "textbook": .array(step.textbook.map { .number($0) }),
            "fast_layers": .array(step.fast.map { .number($0) }),
          ]
        }),
    ]
  }
}
