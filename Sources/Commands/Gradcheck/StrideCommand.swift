import ArgumentParser
import GradientChecking
import Tensors
import Terminal

/// `gradcheck stride`: shows both backward passes of a convolution with a stride, step by step.
struct StrideCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "stride",
    abstract: "Work a convolution with a stride, backward by chaining and directly.",
    discussion: """
      The exit status is 1 if the two ways, or the fast layer, give other numbers.
      """)

  @Option(help: "The extent of the image.")
  var size = 5
  @Option(help: "The extent of the kernel.")
  var kernel = 3
  @Option(help: "The stride.")
  var stride = 2
  @Option(help: "The seed of the numbers.")
  var seed: UInt64 = 1

  func validate() throws {
    if !(1...16).contains(size) {
      throw ValidationError("--size: invalid value (found “\(size)”, expected 1 to 16).")
    }
    if !(1...size).contains(kernel) {
      throw ValidationError("--kernel: invalid value (found “\(kernel)”, expected 1 to \(size)).")
    }
    if !(1...16).contains(stride) {
      throw ValidationError("--stride: invalid value (found “\(stride)”, expected 1 to 16).")
    }
  }

  func execute() throws -> ExitStatus {
    let walk = StrideWalk(
      size: size, kernel: kernel, stride: stride, seed: seed, Context(threadCount: 1))
    try StandardStream.output.write(walk.text)
    return walk.agrees ? .done : .checkFailed
  }
}
