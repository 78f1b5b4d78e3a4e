import Foundation
import Tensors
import TestSupport
import Textbook

@testable import Layers

/// The rounding errors of an algorithm's three results, for one convolution.
struct ConvolutionNumerics {
  /// A convolution of stride 1 over square images.
  struct Problem {
    let kernel: Int
    let inputs: Int
    let outputs: Int
    let extent: Int
    let padding: Layers.Padding

    var geometry: ConvolutionGeometry {
      let axis = ConvolutionAxis(
        input: extent, kernel: kernel, stride: 1, zeros: padding.zeros(kernel: kernel, \.height))
      return ConvolutionGeometry(
        rows: axis, columns: axis, inputChannels: inputs, outputChannels: outputs)
    }
  }

  /// The relative error of one result compared with the Textbook in double.
  struct Deviation {
    /// √(Σ error² / Σ result²)
    let rms: Double
    /// The maximum error, divided by √(mean result²).
    let worst: Double

    init(of found: [Float], from expected: [Double]) {
      precondition(found.count == expected.count, "\(found.count) of \(expected.count) values")
      let errors = zip(found, expected).map { abs(Double($0) - $1) }
      func mean(_ values: [Double]) -> Double {
        (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      }
      rms = mean(errors) / mean(expected)
      worst = errors.reduce(0, max) / mean(expected)
    }
  }

  let problem: Problem
  let algorithm: String
  let y: Deviation
  let dx: Deviation
  let dw: Deviation

  /// Filters of 3×3 and 5×5, 1 to 256 channels and images of 3×3 to 32×32, with every size of
  /// Winograd's tiles for them; and some with other filters.
  static let problems: [Problem] = usual + others + narrow

  /// From many channels to few, and from few to many.
  private static let narrow: [Problem] = [(64, 4, 3), (256, 8, 5), (6, 64, 3), (12, 12, 7)].flatMap
  {
    (inputs: Int, outputs: Int, kernel: Int) in
    [8, 16].map { extent in
      Problem(kernel: kernel, inputs: inputs, outputs: outputs, extent: extent, padding: .same)
    }
  }

  private static let others: [Problem] = [2, 4, 6, 7, 8, 9].flatMap { kernel in
    [16, 64].flatMap { channels in
      [8, 14].map { extent in
        Problem(
          kernel: kernel, inputs: channels, outputs: channels, extent: extent, padding: .same)
      }
    }
  }

  private static let usual: [Problem] = [3, 5].flatMap { kernel in
    [1, 3, 16, 32, 64, 256].flatMap { channels in
      let fitted = channels < 16 || channels == 32 ? [] : kernel == 5 ? [14] : [3, 7, 12, 15]
      let extents =
        (channels < 16 ? [8, 32] : channels == 256 ? [4, 8, 16] : [4, 8, 16, 32]) + fitted
      let same = extents.map { ($0, Layers.Padding.same) }
      let all = kernel == 3 && channels >= 16 ? [(4, .valid)] + same : same
      return all.map { extent, padding in
        Problem(
          kernel: kernel, inputs: channels, outputs: max(16, channels), extent: extent,
          padding: padding)
      }
    }
  }

  /// The errors of all `algorithms` that support `problem`, on the same random numbers from U(−1, 1).
  ///
  /// - Parameter examples: the number of examples. A sum of ∂w has a term for each of their pixels.
  static func measure(
    _ problem: Problem, seed: Int, examples: Int = 2,
    algorithms: [any ConvolutionAlgorithm.Type] = ConvolutionAlgorithms.all
  ) throws -> [ConvolutionNumerics] {
    let shape: Shape = [examples, problem.extent, problem.extent, problem.inputs]
    let layer = { (algorithm: any ConvolutionAlgorithm.Type) in
      Convolution2D(
        "conv1", inputChannels: problem.inputs, outputChannels: problem.outputs,
        kernel: Extent2D(problem.kernel), stride: 1, padding: problem.padding, bias: false,
        algorithm: algorithm)
    }
    var random = WholeNumbers(seed: seed)
    let x = random.fractions(shape.count)
    let w = random.fractions(problem.outputs * problem.inputs * problem.kernel * problem.kernel)
    let dy = random.fractions(examples * problem.geometry.outputCount)
    let reference = Reference(problem, x: x, shape: shape, w: w, dy: dy)
    return try algorithms.filter { $0.supports(problem.geometry) }.map { algorithm in
      let layer = layer(algorithm)
      layer.weight.setValues(stored: w)
      let run = try LayerRun(layer, x: x, shape: shape, dy: dy)
      return ConvolutionNumerics(
        problem: problem, algorithm: algorithm.name,
        y: reference.deviation(ofOutputs: run.y), dx: reference.deviation(ofInputs: run.dx),
        dw: reference.deviation(ofWeights: run.gradients[0]))
    }
  }

  /// The Textbook's results in double, for at most eight input channels and eight output channels.
  private struct Reference {
    let problem: Problem
    let inputs: [Int]
    let outputs: [Int]
    let y: [Double]
    let dx: [Double]
    let dw: [Double]

    init(_ problem: Problem, x: [Float], shape: Shape, w: [Float], dy: [Float]) {
      func spread(_ channels: Int) -> [Int] {
        let count = min(8, channels)
        return (0..<count).map { $0 * channels / count + $0 * 5 % max(1, channels / count) }
      }
      self.problem = problem
      let inputs = spread(problem.inputs)
      let outputs = spread(problem.outputs)
      (self.inputs, self.outputs) = (inputs, outputs)
      let g = problem.geometry
      let taps = problem.kernel * problem.kernel
      func kernel(_ outputs: [Int], _ inputs: [Int]) -> Kernel<Double> {
        Kernel(
          shape: [outputs.count, inputs.count, problem.kernel, problem.kernel],
          elements: outputs.flatMap { o in
            inputs.flatMap { i in
              let start = (o * problem.inputs + i) * taps
              return w[start..<start + taps].map(Double.init)
            }
          })
      }
      let all = (inputs: Array(0..<problem.inputs), outputs: Array(0..<problem.outputs))
      let images = volumes(x.map(Double.init), shape)
      let gradients = volumes(
        dy.map(Double.init), [shape[0], g.rows.output, g.columns.output, problem.outputs])
      let padding = Textbook.Padding(
        top: g.rows.before, left: g.columns.before, bottom: g.rows.after, right: g.columns.after)
      let someOutputs = kernel(outputs, all.inputs)
      let someInputs = kernel(all.outputs, inputs)
      y = elements(
        images.map {
          convolution($0, someOutputs, Vector(zeros: outputs.count), padding: padding)
        })
      dx = elements(
        gradients.map {
          convolutionBackwardInput(
            $0, someInputs, padding: padding, extent: Extent(problem.extent, problem.extent))
        })
      var sum = [Double](repeating: 0, count: outputs.count * inputs.count * taps)
      for (image, gradient) in zip(images, gradients) {
        let one = convolutionBackwardKernel(
          Volume(channels: outputs.count) { gradient[outputs[$0]] },
          Volume(channels: inputs.count) { image[inputs[$0]] },
          size: Extent(problem.kernel, problem.kernel), padding: padding)
        for i in sum.indices { sum[i] += one.elements[i] }
      }
      dw = sum
    }

    /// - Parameter found: `[examples, rows, columns, channels]`.
    func deviation(ofOutputs found: [Float]) -> Deviation {
      Deviation(
        of: stride(from: 0, to: found.count, by: problem.outputs).flatMap { pixel in
          outputs.map { found[pixel + $0] }
        }, from: y)
    }

    /// - Parameter found: `[examples, rows, columns, channels]`.
    func deviation(ofInputs found: [Float]) -> Deviation {
      Deviation(
        of: stride(from: 0, to: found.count, by: problem.inputs).flatMap { pixel in
          inputs.map { found[pixel + $0] }
        }, from: dx)
    }

    /// - Parameter found: `[outputs, inputs, k, k]`.
    func deviation(ofWeights found: [Float]) -> Deviation {
      let taps = problem.kernel * problem.kernel
      return Deviation(
        of: outputs.flatMap { o in
          inputs.flatMap { i in
            let start = (o * problem.inputs + i) * taps
            return found[start..<start + taps]
          }
        }, from: dw)
    }
  }
}
