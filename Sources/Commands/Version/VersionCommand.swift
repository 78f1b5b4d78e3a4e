import ArgumentParser
import Files
import Tensors
import Terminal
import Training

/// `swift run version`: what this program is made of, for reports of problems.
struct VersionCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Show the version, the compiler, the kernels and the libraries of this program.",
    discussion: """
      A report of a problem should have this output. The option --version of every command shows the \
      number alone.
      """
        + ProgramName.examples("version", "version --json"),
    version: RunEnvironment.version)

  @Flag(help: "Write JSON to standard output instead of text.")
  var json = false

  func execute() throws -> ExitStatus {
    let report = VersionReport()
    try StandardStream.output.write(json ? report.json.text + "\n" : report.text)
    return .done
  }
}

/// The parts of this program, and the machine that it runs on.
struct VersionReport: Report {
  let libraries = SystemLibrary.all

  private var configuration: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  private static func names(_ sets: [KernelSet]) -> String {
    sets.map(\.rawValue).joined(separator: ", ")
  }

  var text: String {
    var table = TextTable([.init("library"), .init("version"), .init("built with"), .init("file")])
    for library in libraries {
      table.add([
        library.name, library.version ?? "–", library.builtWith ?? "–", library.file ?? "–",
      ])
    }
    return """
      lecture-cnn \(RunEnvironment.version)

      compiler   \(RunEnvironment.compiler), \(configuration)
      processor  \(RunEnvironment.processor)
      threads    \(Processors.threadCount), one for each processor that it may use
      kernels    \(KernelSet.best.rawValue) (this processor runs \(Self.names(KernelSet.available)); \
      built are \(Self.names(KernelSet.compiled)))

      \(table.text)
      """
  }

  var json: CanonicalJSON {
    func list(_ sets: [KernelSet]) -> CanonicalJSON {
      .array(sets.map { .string($0.rawValue) })
    }
    return [
      "version": .string(RunEnvironment.version),
      "compiler": .string(RunEnvironment.compiler),
      "configuration": .string(configuration),
      "processor": .string(RunEnvironment.processor),
      "processors": .integer(Processors.available),
      "threads": .integer(Processors.threadCount),
      "kernels": [
        "chosen": .string(KernelSet.best.rawValue),
        "available": list(KernelSet.available),
        "built": list(KernelSet.compiled),
      ],
      "libraries": .array(libraries.map(\.json)),
    ]
  }
}
