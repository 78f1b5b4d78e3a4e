import GradientChecking
import Tensors
import Testing
import Textbook

/// The texts of `gradcheck exercise` and `gradcheck stride`.
@Suite struct WalkTests {
  let context = Context(threadCount: 1)

  /// The numbers are those of the slide, with the intermediate ones, in the order of the
  /// computation.
  @Test func theExerciseHasTheSlidesNumbers() {
    let walk = ExerciseWalk(context)
    #expect(walk.agrees)
    let tensors = Dictionary(uniqueKeysWithValues: walk.steps.map { ($0.name, $0) })
    #expect(
      walk.steps.map(\.name)
        == [
          "f", "r", "h", "s", "L", "∂L/∂s", "∂L/∂W", "∂L/∂h", "∂L/∂r", "∂L/∂f", "∂L/∂w", "∂L/∂x",
        ])
    for values in [\ExerciseWalk.Step.textbook, \.fast] {
      #expect(tensors["f"]?[keyPath: values] == [1, -1, 0, 1, 1, -1, 0, 1])
      #expect(tensors["r"]?[keyPath: values] == [1, 0, 0, 1, 1, 0, 0, 1])
      #expect(tensors["h"]?[keyPath: values] == [1, 1])
      #expect(tensors["∂L/∂s"]?[keyPath: values] == [0.5, -0.5])
      #expect(tensors["∂L/∂W"]?[keyPath: values] == [0.5, 0.5, -0.5, -0.5])
      #expect(tensors["∂L/∂f"]?[keyPath: values] == [0.5, 0, 0, 0, -0.5, 0, 0, 0])
      #expect(
        tensors["∂L/∂w"]?[keyPath: values]
          == [0, 0, 0, 0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0, -0.5, 0, 0, 0, -0.5])
      #expect(
        tensors["∂L/∂x"]?[keyPath: values]
          == [0, 0, 0, 0, -0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0])
    }
    // Each appears twice: from the Textbook, and from the fast layers.
    let answer = """
        ∂L/∂w1 =    0    0    0    ∂L/∂w2 =     0     0     0
                    0  0.5    0                 0  -0.5     0
                    0    0  0.5                 0     0  -0.5
      """
    #expect(walk.text.ranges(of: answer).count == 2, "\(walk.text)")
    #expect(walk.text.contains("branch 1 answers 0.95 instead of 1, branch 2 1.1 instead of 1"))
  }

  @Test(arguments: [(5, 3, 2), (6, 2, 3), (7, 3, 1), (4, 4, 2), (1, 1, 1), (9, 2, 5)])
  func bothWaysBackThroughAStrideAgree(_ size: Int, _ kernel: Int, _ stride: Int) {
    for seed in 0..<10 as Range<UInt64> {
      let walk = StrideWalk(
        size: size, kernel: kernel, stride: stride, seed: seed, context)
      #expect(walk.agrees)
      #expect(walk.text.contains("agree exactly"))
    }
  }
}
