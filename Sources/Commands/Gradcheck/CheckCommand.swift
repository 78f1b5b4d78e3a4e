import ArgumentParser
import GradientChecking
import Layers
import Networks
import Tensors
import Terminal
import Training

/// `gradcheck check`: checks every layer alone, or a network.
struct CheckCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check every layer alone, or a network from end to end.",
    discussion: """
      The formulas of the Textbook's layers are compared with central differences, in double; then the \
      formulas of the lecture's rows with those of the layers, where they cover a layer's shape; then \
      the fast layers, in single precision, with the formulas, on the same values. Of a classifier the \
      losses are compared, too. An error is the greatest \
      difference over the greatest element of the tensor. Elements too close to a kink, or to a tie \
      between maxima, are skipped and counted. The exit status is 1 if an error is above its bound.
      """)

  @Option(help: Setting.help("model"), completion: Setting.completion("model"))
  var model: String?
  @Option(
    help: "A network, or a layer, in the course's notation: \"conv(4,3) relu fc(10)\".",
    completion: Setting.completion("arch"))
  var arch: String?
  @Option(
    help: ArgumentHelp(
      "Its input: 2x28x28x1 for 2 examples of 28×28 with 1 channel, 28x28x1, or 2x30 for vectors. "
        + "(default: 2 examples of the model's images, 2x12x12x3 for --arch)",
      valueName: "extents"))
  var input: String?
  @Option(help: "The number of classes that fc(classes) gives. (default: 10)")
  var classes: Int?
  @Option(help: "Shapes that are drawn for each kind of layer, where no network is given.")
  var shapes: Int?
  @Option(
    help: """
      The most elements of a tensor to check; of more, so many are drawn. (default: 200 of a layer \
      alone, 10 in a network)
      """)
  var samples: Int?
  @Option(help: "The seed of all values and shapes.")
  var seed: UInt64 = 1
  @Option(
    help: """
      The greatest error of a formula that passes. (default: 1e-07 for a layer alone, 1e-06 through \
      a network)
      """)
  var bound: Double?
  @Option(setting: "kernels") var kernels: String?
  @Option(setting: "conv-algorithm") var convAlgorithm: String?
  @Flag(help: "Write the figures as JSON.")
  var json = false

  func validate() throws {
    if model != nil && arch != nil {
      throw ValidationError("--model and --arch exclude each other.")
    }
    if model == nil && arch == nil {
      if input != nil { throw ValidationError("--input needs --model or --arch.") }
      if classes != nil { throw ValidationError("--classes needs --model or --arch.") }
      if convAlgorithm != nil {
        throw ValidationError("--conv-algorithm needs --model or --arch.")
      }
    } else if shapes != nil {
      throw ValidationError("--shapes is for layers alone: leave --model and --arch out.")
    }
    if let classes, !(1...65_536).contains(classes) {
      throw ValidationError("--classes: invalid value (found “\(classes)”, expected 1 to 65536).")
    }
    if let shapes, !(1...1000).contains(shapes) {
      throw ValidationError("--shapes: invalid value (found “\(shapes)”, expected 1 to 1000).")
    }
    if let samples, !(1...1_000_000).contains(samples) {
      throw ValidationError("--samples: invalid value (found “\(samples)”, expected 1 to 1000000).")
    }
    if let bound, !(bound >= 0) {
      throw ValidationError(
        "--bound: invalid value (found “\(bound)”, expected a number from 0 up).")
    }
  }

  func execute() throws -> ExitStatus {
    var settings = Configuration()
    if let kernels { try settings.set("kernels", to: kernels) }
    if let convAlgorithm { try settings.set("conv-algorithm", to: convAlgorithm) }
    if let model { try settings.set("model", to: model) }
    if let arch { try settings.set("arch", to: arch) }
    let context = Context(threadCount: 1, kernelSet: settings.kernelSet ?? .best)
    let report: CheckReport
    do {
      if let choice = settings.network {
        report = try network(choice, settings, context)
      } else {
        let check = GradientCheck(
          samples: samples ?? 200, seed: seed, bound: bound, context: context)
        report = CheckReport(
          subject: "every layer", outcome: try check.checkLayers(shapes: shapes ?? 1))
      }
    } catch let error as GradientCheckError {
      throw Failure(.usage, "\(error)")
    }
    try StandardStream.output.write(json ? report.json.text + "\n" : report.text)
    return report.outcome.passes ? .done : .checkFailed
  }

  private func network(
    _ choice: Configuration.Network, _ settings: Configuration, _ context: Context
  ) throws -> CheckReport {
    let usual: Shape =
      if case .named(let model) = choice { model.inputShape } else { [1, 12, 12, 3] }
    let shape = try input.map(Self.shape) ?? usual.with(examples: 2)
    let classes = classes ?? 10
    let network: Sequential
    do throws(NotationError) {
      network = try choice.architecture.stack(input: shape, classes: classes)
    } catch { throw Failure(.usage, "\(model == nil ? "--arch" : "--model"): \(error)") }
    if convAlgorithm != nil { Notice.tellIdleAlgorithm(for: network) }
    try settings.chooseConvolutionAlgorithms(of: network)
    let subject = "\(model ?? choice.architecture.canonical) on \(shape.extentsText)"
    var check = GradientCheck(
      samples: samples ?? (network.layers.count == 1 ? 200 : 10), seed: seed, bound: bound,
      context: context)
    // Checking a large network takes minutes.
    let line = StatusLine()
    check.progress = { line.show("checking \($0)") }
    defer { line.clear() }
    return CheckReport(
      subject: subject,
      outcome: try check.check(
        network, examples: shape[0],
        isClassifier: network.outputShape.rank == 2 && network.outputShape[1] == classes))
  }

  /// `2x28x28x1`, `28x28x1` or `2x30`.
  private static func shape(_ text: String) throws -> Shape {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let numbers = parts.compactMap { $0 }
    let extents = numbers.count == 3 ? [2] + numbers : numbers
    guard numbers.count == parts.count, [2, 4].contains(extents.count),
      extents.allSatisfy({ (1...4096).contains($0) }), extents.reduce(1, *) <= 1 << 22
    else {
      throw Failure(
        .usage,
        "--input: invalid value (found “\(text)”, expected 2x28x28x1, 28x28x1 or 2x30 in form, "
          + "of at most 4194304 elements).")
    }
    return Shape(extents)
  }
}

extension Shape {
  /// `2×28×28×1`
  var extentsText: String { array.map(String.init).joined(separator: "×") }
}

/// A status line on a terminal, overwritten by the next one.
private struct StatusLine {
  private let stream = StandardStream.error

  func show(_ text: String) { write("\r\u{1B}[K\(text)") }
  func clear() { write("\r\u{1B}[K") }

  private func write(_ text: String) {
    guard stream.isTerminal else { return }
    // A failure is ignored, because the line is only for display.
    try? stream.write(text)
  }
}
