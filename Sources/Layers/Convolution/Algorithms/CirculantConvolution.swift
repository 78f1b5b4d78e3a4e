import CKernels
import Tensors

/// The three passes of a convolution as products with the doubly block circulant matrix (lecture
/// row L19).
///
/// A convolution is a linear map, so for the flattened image it is a matrix:
///
///     vec(y) = D·vec(x) + b        D [h′·w′·cout, h·w·cin]
///
/// Row (i, j, g) of D holds kernel g at the position of output (i, j), and zeros elsewhere:
///
///     D[(i, j, g), (s·i + u − p, s·j + v − p, f)] = W[u, v, f, g]
///
/// at stride s and with p zeros before the image. At stride 1 each row of blocks is the row above
/// it, shifted by one pixel, and so are the rows inside each block. D is therefore circulant at two
/// levels, up to the image's border. Columns for the zeros around an image are left out, since they
/// would be multiplied by zero. A stride leaves out rows (row L14). The backward passes are those
/// of any matrix,
///
///     data      ∂vec(x) = Dᵀ·∂vec(y)           "transposed convolution"
///     weights   ∂D = ∂vec(y)·vec(x)ᵀ,  ∂W[u, v, f, g] += Σ_ij ∂D[(i, j, g), (s·i + u − p, …, f)]
///
/// The last sum exists because each weight occurs in D once for each output that reads it inside
/// the image.
///
/// This algorithm is slow, and instructive. With one channel D has `w′·h′·w·h` elements, the kernel
/// has `k²`, and a pass takes as many multiply-adds as D has elements, nearly all of them by zero:
/// `O(W²H²)` instead of `O(WHk²)`. For 5×5 over 28×28 pixels that is 31 times the work of the
/// direct algorithm. It exists for small images on request, and is never chosen automatically. Its
/// products with zeros also make every output NaN if one input is infinite.
final class CirculantConvolution: ConvolutionAlgorithm {
  static let name = "circulant"

  /// The maximum number of elements of a matrix: 64 MiB. There are two matrices, and one more for
  /// each thread.
  static let mostElements = 1 << 24
  /// The maximum number of examples whose outer products are added in one matrix product.
  private static let mostExamples = 8

  private let geometry: ConvolutionGeometry
  private let arena = Arena()
  /// `Dᵀ`, and `D`.
  private var transposed: PanelMatrix?
  private var matrix: PanelMatrix?
  /// The `∂Dᵀ` of each thread.
  private var gradients: [PanelMatrix] = []

  init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  static func supports(_ g: ConvolutionGeometry) -> Bool {
    max(
      PanelMatrix.storageCount(rows: g.inputCount, columns: g.outputCount),
      PanelMatrix.storageCount(rows: g.outputCount, columns: g.inputCount)) <= mostElements
  }
  static let scope =
    "layers with at most \(mostElements) elements in the matrix, inputs times outputs"

  /// Holds the bias of every output, or a panel of ∂vec(y).
  var scratchCount: Int {
    max(geometry.outputCount, Self.mostExamples * PanelMatrix.panelWidth)
  }

  // MARK: The matrix

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    let transposed = transposed ?? transposedMatrix()
    self.transposed = transposed
    forEachTap { tap, input, output in
      for f in 0..<geometry.inputChannels {
        for g in 0..<geometry.outputChannels {
          transposed[input + f, output + g] = weight[tap * geometry.inputChannels + f, g]
        }
      }
    }
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount { gradients.append(transposedMatrix()) }
    guard givesInputGradient else { return }
    let (rows, columns) = (geometry.outputCount, geometry.inputCount)
    let matrix =
      matrix
      ?? PanelMatrix(
        rows: rows, columns: columns,
        at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: columns)))
    self.matrix = matrix
    forEachTap { tap, input, output in
      for g in 0..<geometry.outputChannels {
        for f in 0..<geometry.inputChannels {
          matrix[output + g, input + f] = weight[tap * geometry.inputChannels + f, g]
        }
      }
    }
  }

  /// A matrix `[h·w·cin, h′·w′·cout]` of zeros. Elements at which no weight occurs stay zero.
  private func transposedMatrix() -> PanelMatrix {
    let (rows, columns) = (geometry.inputCount, geometry.outputCount)
    return PanelMatrix(
      rows: rows, columns: columns,
      at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: columns)))
  }

  /// Calls `body` for each tap of each output that lies inside the image.
  ///
  /// - Parameter body: takes the tap's index, and the offsets of its input pixel and of the output
  ///   pixel in the flattened images.
  private func forEachTap(_ body: (_ tap: Int, _ input: Int, _ output: Int) -> Void) {
    let g = geometry
    for i in 0..<g.rows.output {
      for j in 0..<g.columns.output {
        let output = (i * g.columns.output + j) * g.outputChannels
        for u in 0..<g.rows.kernel {
          for v in 0..<g.columns.kernel {
            let row = i * g.rows.stride + u - g.rows.before
            let column = j * g.columns.stride + v - g.columns.before
            guard row >= 0, row < g.rows.input, column >= 0, column < g.columns.input else {
              continue
            }
            body(
              u * g.columns.kernel + v, (row * g.columns.input + column) * g.inputChannels, output)
          }
        }
      }
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard let transposed else { preconditionFailure("the forward pass was not prepared") }
    if let bias {
      for start in stride(from: 0, to: geometry.outputCount, by: geometry.outputChannels) {
        (lane.scratch + start).update(from: bias, count: geometry.outputChannels)
      }
    }
    lane.kernels.multiply(
      x, rows: count, by: transposed, bias: bias == nil ? nil : UnsafePointer(lane.scratch),
      into: y)
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].base.update(
      repeating: 0,
      count: PanelMatrix.storageCount(rows: geometry.inputCount, columns: geometry.outputCount))
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    for first in stride(from: 0, to: gradient == nil ? 0 : count, by: Self.mostExamples) {
      addOuterProducts(
        x + first * geometry.inputCount, dy + first * geometry.outputCount,
        count: min(Self.mostExamples, count - first), in: lane)
    }
    if let dx, let matrix {
      lane.kernels.multiply(dy, rows: count, by: matrix, bias: nil, into: dx)
    }
  }

  /// Adds the elements of `∂Dᵀ` to the weights that occur there.
  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    let transposed = gradients[lane.worker.index]
    forEachTap { tap, input, output in
      for f in 0..<geometry.inputChannels {
        for g in 0..<geometry.outputChannels {
          gradient[tap * geometry.inputChannels + f, g] += transposed[input + f, output + g]
        }
      }
    }
  }

  /// `∂Dᵀ += Σ vec(x)·∂vec(y)ᵀ`
  private func addOuterProducts(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int, in lane: Lane
  ) {
    let gradient = gradients[lane.worker.index]
    for index in 0..<gradient.panelCount {
      let range = gradient.columnRange(ofPanel: index)
      let panel = OutputPanel(
        dy, pixels: count, channels: geometry.outputCount, range: range, in: lane.scratch)
      var product = outer_product(
        lines: 1, rows: count, columns: range.count, segments: 1, length: gradient.rows,
        a: x, a_line: 0, a_row: gradient.rows, a_segment: 0,
        g: panel.base, g_line: 0, g_row: panel.row, d: gradient.panel(index),
        d_row: gradient.width(ofPanel: index), accumulate: 1)
      lane.kernels.accumulate_outer(&product)
    }
  }
}
