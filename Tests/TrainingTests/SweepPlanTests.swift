import Foundation
import TestSupport
import Testing

@testable import Training

/// The runs that a sweep's file describes.
@Suite struct SweepPlanTests {
  private let folder = TemporaryFolder()

  private func file(_ text: String) throws -> SweepFile {
    folder.put(Array(text.utf8), at: "sweep.yaml")
    return try SweepFile(contentsOf: "\(folder.path)/sweep.yaml")
  }

  private func runs(_ text: String) throws -> [String] {
    try SweepPlan(try file(text)).runs.map { settings in
      settings.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
  }

  @Test func listsMakeAGrid() throws {
    let plan = try SweepPlan(
      try file("arch: fc(classes)\nlr: [0.1, 0.01]\nepochs: 2\nopt: [sgd, adam]\nmomentum: 0.5\n"))
    #expect(plan.variedKeys == ["lr", "opt"])
    #expect(plan.fixed.map(\.key) == ["arch", "epochs", "momentum"])
    #expect(
      plan.runs.map { $0.map(\.value) } == [
        ["0.1", "sgd"], ["0.1", "adam"], ["0.01", "sgd"], ["0.01", "adam"],
      ])
    // Adam has no momentum, so its recipe has none.
    #expect(
      try plan.recipe(ofRun: 3, comment: "best")
        == "# best\narch: \"fc(classes)\"\nlr: 0.01\nepochs: 2\nopt: adam\n")
    #expect(try plan.recipe(ofRun: 2, comment: "best").contains("momentum: 0.5\n"))
  }

  @Test func drawsFromAGridDoNotRepeat() throws {
    let grid = "lr: [1, 2, 3]\nbatch-size: [4, 5]\n"
    let all = try runs(grid)
    #expect(all.count == 6)
    let drawn = try runs(grid + "runs: 6\n")
    #expect(drawn != all && drawn.sorted() == all.sorted())
    #expect(try runs(grid + "runs: 4\n") == Array(drawn.prefix(4)))
    #expect(try runs(grid + "runs: 6\nseed: 2\n") != drawn)
    #expect(throws: RecipeError.self) { try runs(grid + "runs: 7\n") }
  }

  @Test func drawsFromARangeStayWhenRunsAreAdded() throws {
    let text = "lr: loguniform(1e-4, 1)\nbatch-size: integer(2,5)\nsmoothing: uniform(0,0.5)\n"
    let plan = try SweepPlan(try file(text + "runs: 200\n"))
    #expect(try runs(text + "runs: 7\n") == Array(try runs(text + "runs: 200\n").prefix(7)))
    let columns = (0..<3).map { place in plan.runs.compactMap { Double($0[place].value) } }
    #expect(columns.allSatisfy { $0.count == 200 })
    #expect(columns[0].allSatisfy { $0 >= 1e-4 && $0 <= 1 })
    // Each of the four factors of 10 has a fourth of the draws.
    for power in [1e-4, 1e-3, 1e-2, 1e-1] {
      #expect((30...75).contains(columns[0].count { $0 >= power && $0 < 10 * power }))
    }
    #expect(Set(columns[1]) == [2, 3, 4, 5])
    #expect(columns[2].allSatisfy { $0 >= 0 && $0 <= 0.5 })
    #expect(columns[2].contains { $0 < 0.1 } && columns[2].contains { $0 > 0.4 })
    // Four significant digits.
    #expect(plan.runs.allSatisfy { Double("\(Float($0[0].value)!)")! == Double($0[0].value)! })
  }

  @Test(arguments: [
    ("lr: 0.1\n", "no setting varies (expected a list"),
    ("lr: uniform(0,1)\n", "lr: values of a range are drawn at random. Add the number of runs"),
    ("lr: uniform(1,0)\nruns: 2\n", "lr: invalid range (found “uniform(1,0)”, expected uniform("),
    ("lr: loguniform(0,1)\nruns: 2\n", "lr: invalid range (found"),
    ("lr: [0.1, 0.1]\n", "lr: invalid list (found [0.1, 0.1], expected different values"),
    ("lr: []\n", "lr: invalid list (found [], expected"),
    ("lr: [[1]]\n", "“lr” has no plain value or list of them."),
    ("lr: {a: 1}\n", "“lr” has no plain value or list of them."),
    ("seed: [1, 2]\n", "seed: all runs of a sweep share it (expected one value). Leave one."),
    ("threads: [1, 2]\n", "threads: all runs of a sweep share it"),
    ("lr: [1, 2]\nlr: 3\n", "“lr” stands twice. Leave one."),
    (
      "epoch: [1, 2]\n", "there is no setting “epoch”, did you mean “epochs”? (expected"
    ),
    (
      "lr: [1, 2]\nruns: 0\n",
      "runs: invalid value (found “0”, expected a whole number from 1 to 10000)."
    ),
    ("- 1\n", "the file is no mapping of settings."),
  ])
  func mistakesAreTold(_ text: String, _ problem: String) throws {
    let error = try #require(throws: RecipeError.self) { try SweepPlan(try file(text)) }
    #expect(error.problem.hasPrefix(problem), "\(error)")
  }

  /// A recipe takes no lists.
  @Test func recipesStillRefuseLists() throws {
    let error = #expect(throws: RecipeError.self) {
      try Recipe(Array("lr: [1]\n".utf8), path: "a.yaml")
    }
    #expect(error?.problem == "“lr” has no plain value. Write `name: value`.")
  }
}
