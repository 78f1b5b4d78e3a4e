import Files
import Testing
import Training

@testable import Commands

/// Several processes, as far as a build without Open MPI knows them; scripts/check-mpi tests the rest.
@Suite struct ProcessesTests {
  #if !MPI
    @Test(arguments: ["train", "sweep"])
    func aBuildWithoutOpenMPIRefusesOnce(_ command: String) throws {
      let scratch = try Scratch()
      let arguments = command == "train" ? ["--max-steps", "1"] : ["a.yaml"]
      func run(_ rank: Int) throws -> Program.Outcome {
        try Program.run(
          command, arguments,
          shell: "OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=\(rank) \"$@\"", in: scratch)
      }
      let first = try run(0)
      #expect(first.status == 2 && first.output == "")
      #expect(
        first.errors
          == "error: this program was built without Open MPI (found 4 processes of mpirun, expected 1). "
          + "Build it with `swift build --traits MPI`.\n")
      let other = try run(3)
      #expect(other.status == 0 && other.output == "" && other.errors == "")
    }
  #endif

  @Test func anErrorOfTheCommandLineIsToldByTheFirstProcess() throws {
    let scratch = try Scratch()
    for rank in [0, 1] {
      let outcome = try Program.run(
        "lecture-cnn", ["train", "--lr"],
        shell: "OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=\(rank) \"$@\"", in: scratch)
      #expect(outcome.status == (rank == 0 ? 2 : 0))
      #expect(outcome.errorLines.count == 1 - rank)
    }
  }

  @Test func resultsOfSeedsAreToldWhole() throws {
    let lines = [
      #"{"kind":"test","loss":0.25,"accuracy":0.75}"#,
      #"{"kind":"test","loss":1,"accuracy":0.5,"single_view_accuracy":0.375}"#,
      #"{"kind":"test","loss":2}"#,
    ]
    let results = try lines.enumerated().map { number, line in
      SeedSeries.Result(
        seed: UInt64.max - UInt64(number),
        test: try #require(TestRecord(inMetrics: Array(line.utf8))),
        seconds: Double(number) + 0.5)
    }
    let told = try SeedReport(SeedReport(results).encoded).results
    #expect(told.map(\.seed) == results.map(\.seed))
    #expect(told.map(\.test) == results.map(\.test))
    #expect(told.map(\.seconds) == [0.5, 1.5, 2.5])
    #expect(try SeedReport([UInt8]()).results.isEmpty)
    #expect(throws: Failure.self) { try SeedReport(Array("{}\n".utf8)) }
  }

  /// 64 of 128 examples have 64·784 inputs and 64·10 gradients; half of 784 rows have 16 columns with padding;
  /// the losses of 64 examples come with two numbers. All are floats but the losses.
  @Test func theTrafficOfALayerIsThatByHand() throws {
    let scratch = try Scratch()
    let outcome = try Program.run(
      "benchmark", ["traffic", "--arch", "fc(classes)", "--json"], in: scratch)
    #expect(outcome.status == 0)
    let value = try StrictJSON.parse(outcome.output)
    guard case .array(let processes)? = value["processes"] else {
      Issue.record("no processes")
      return
    }
    #expect(processes.count == 4)
    #expect(processes[0]["count"]?.asWholeNumber == 2)
    #expect(processes[0]["messages"]?.asWholeNumber == 4)
    #expect(
      processes[0]["bytes"]?.asWholeNumber
        == 4 * (64 * 784 + 64 * 10 + 392 * 16) + 8 * (64 + 2))
    // The layer's outputs between two, its weight gradient behind one, the losses, and six more of each step.
    #expect(processes[0]["barriers_on_one_host"]?.asWholeNumber == 3 + 1 + 6)
  }
}
