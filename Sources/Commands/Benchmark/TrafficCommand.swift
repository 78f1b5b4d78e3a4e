import ArgumentParser
import Benchmarking
import Files
import Layers
import Networks
import Tensors
import Terminal
import Training

/// `benchmark traffic`: what processes would exchange in a step, computed and not measured.
struct TrafficCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "traffic",
    abstract: "Compute the messages and bytes of a step in several processes.",
    discussion: """
      Nothing is measured: the figures follow from the shapes of the layers. A run with mpirun writes what \
      it has sent to timing.jsonl. docs/distributed.md explains the operations and models their time.
      """)

  @Option(help: "A model by name. (default: fer-mnist)", completion: Setting.completion("model"))
  var model: String?
  @OptionGroup var network: NetworkOptions
  @Flag(help: "Write the figures as JSON.")
  var json = false

  func validate() throws {
    if model != nil, network.arch != nil {
      throw ValidationError("--model and --arch exclude each other.")
    }
  }

  func execute() throws -> ExitStatus {
    let settings = try network.settings(of: model ?? "fer-mnist", nil)
    let built = try StepBenchmark.network(settings, image: network.imageShape)
    if network.convAlgorithm != nil { Notice.tellIdleAlgorithm(for: built) }
    let report = TrafficReport(built, batchSize: settings.batchSize)
    try StandardStream.output.write(json ? report.json.text + "\n" : report.text)
    return .done
  }
}

/// The exchanges of a network's step.
struct TrafficReport: Report {
  private let exchanges: [StepExchange]
  private let batchSize: Int
  private let parameters: Int

  init(_ network: Sequential, batchSize: Int) {
    self.batchSize = batchSize
    parameters = network.parameterCount
    // The exchanges do not depend on the capacity.
    exchanges =
      Executor(network, capacity: 1, training: true, context: Context(threadCount: 1)).exchanges
  }

  /// What the process that sends most bytes sends in a step.
  private func greatest(_ processes: Int) -> ProcessGroup.Traffic {
    (0..<processes).map { rank in
      exchanges.reduce(ProcessGroup.Traffic()) {
        $0 + $1.traffic(rank: rank, processes: processes, batch: batchSize)
      }
    }.max { $0.bytes < $1.bytes } ?? ProcessGroup.Traffic()
  }

  /// The barriers of a step on one host.
  private func barriers(_ processes: Int) -> Int {
    exchanges.reduce(StepExchange.otherBarriers) {
      $0 + $1.barriers(processes: processes, batch: batchSize)
    }
  }

  private static let counts = LaneShare.possibleCounts.dropFirst()

  var text: String {
    var table = TextTable(
      [
        .init("processes", .right), .init("messages", .right), .init("MB", .right),
        .init("barriers on one host", .right),
      ])
    for processes in Self.counts {
      let traffic = greatest(processes)
      table.add([
        "\(processes)", Format.count(traffic.messages),
        Format.fixed(Double(traffic.bytes) / 1e6, decimals: 3),
        Format.count(barriers(processes)),
      ])
    }
    return
      "\(Format.counted(parameters, "trained parameter")), "
      + "\(Format.counted(batchSize, "example")) a step; the most that "
      + "a process sends in a step to others on several hosts, and the barriers that replace its "
      + "messages where all share the memory of one host:\n\n\(table.text)"
  }

  var json: CanonicalJSON {
    [
      "batch": .integer(batchSize), "parameters": .integer(parameters),
      "exchanges": .array(exchanges.map(Self.json)),
      "processes": .array(
        Self.counts.map { processes in
          let traffic = greatest(processes)
          return [
            "count": .integer(processes), "messages": .integer(traffic.messages),
            "bytes": .integer(traffic.bytes), "barriers_on_one_host": .integer(barriers(processes)),
          ]
        }),
    ]
  }

  private static func json(_ exchange: StepExchange) -> CanonicalJSON {
    switch exchange {
    case .laneSum(let floats): ["kind": "lane sum", "floats": .integer(floats)]
    case .statistics(let doubles): ["kind": "statistics", "doubles": .integer(doubles)]
    case .gathering(let pixels, let inputs, let outputs, _):
      [
        "kind": "gathering", "pixels": .integer(pixels), "inputs": .integer(inputs),
        "outputs": .integer(outputs),
      ]
    case .chain(let pieces, let floats, let weight):
      [
        "kind": "chain", "pieces": .integer(pieces), "floats": .integer(floats),
        "weight": .integer(weight),
      ]
    case .losses: ["kind": "losses"]
    }
  }
}
