import CKernels
import Tensors

/// The passes of a convolution of stride 1 and few input channels by Winograd's method along rows,
/// F(4, r) (lecture row L22).
///
/// A kernel row convolves an image row. Toom and Cook's method (see `winograd-points.h`) computes
/// four outputs of it from r + 3 products instead of 4·r. The kernel's rows and the channels are
/// summed at the points. With `B`, `G` and `A` of one axis, for each tile t of four outputs in row
/// l and each point p
///
///     forward   M_p[l, t] = Σ_c Σ_i V_p[l + i, t, c] · U_p[c, i]
///               with V = Bᵀ x, U = G w, y = Aᵀ M
///     weights   ∂U_p[c, i] += Σ_l Σ_t V_p[l + i, t, c] · ∂M_p[l, t]
///               with ∂M = A ∂y, ∂w = Gᵀ ∂U
///
/// 5×5 kernels take 10 multiply-adds for each channel where the direct algorithm takes 25, and 3×3
/// kernels take 4.5 instead of 9. Tiles along both axes would take still fewer, but their
/// transforms cost as much as many products, and few channels save few products. Such a layer is
/// usually the first, whose `∂x` is not needed; if it is needed, ``NarrowConvolution`` computes it.
final class WinogradRowConvolution: ConvolutionAlgorithm {
  static let name = "winograd-rows"
  static let scope = "kernels of 3 or 5 columns, stride 1, with a multiple of 16 output channels"

  static func supports(_ g: ConvolutionGeometry) -> Bool {
    [3, 5].contains(g.columns.kernel) && g.rows.stride == 1 && g.columns.stride == 1
      && g.outputChannels % 16 == 0
  }

  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost? {
    .winogradRows(geometry, part: part)
  }

  static let tile = 4

  private let geometry: ConvolutionGeometry
  /// The number of points of a tile.
  private let points: Int
  private let tiles: Int
  /// The size of `U`, and of `∂U`, in floats.
  private let weightCount: Int
  private let data: NarrowConvolution
  private let arena = Arena()
  /// `U`, then each thread's `∂U`: `[input][kernel row][point][output]`.
  private let transformed: UnsafeMutablePointer<Float>
  private var gradients: [UnsafeMutablePointer<Float>] = []

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    points = Self.tile + geometry.columns.kernel - 1
    tiles = (geometry.columns.output + Self.tile - 1) / Self.tile
    data = NarrowConvolution(geometry, passes: NarrowPasses(geometry).dataAlone)
    weightCount = geometry.rows.kernel * geometry.inputChannels * points * geometry.outputChannels
    transformed = arena.floats(weightCount)
  }

  // MARK: Memory

  /// The size of a row of `V` in floats. Its tiles and channels are in blocks of 16.
  private var line: Int { (tiles * geometry.inputChannels + 15) / 16 * 16 * points }
  private var inputCount: Int { (geometry.rows.output + geometry.rows.kernel - 1) * line }
  /// The memory that the kernels need, in floats: a row's pixels arranged by tile, or the
  /// gradient's points of four rows of tiles.
  private var memoryCount: Int {
    max(4 * ((tiles + 2) * geometry.inputChannels + 31), 4 * tiles * points * 16)
  }

  var scratchCount: Int { max(inputCount + memoryCount, data.scratchCount) }

  private var problem: row_winograd {
    row_winograd(
      height: geometry.rows.input, input_width: geometry.columns.input,
      inputs: geometry.inputChannels,
      top: geometry.rows.before, left: geometry.columns.before,
      kernel_rows: geometry.rows.kernel, lines: geometry.rows.output,
      width: geometry.columns.output, tiles: tiles, outputs: geometry.outputChannels, v_line: line)
  }

  private func kernels(_ kernels: kernels) -> row_winograd_kernels {
    geometry.columns.kernel == 3 ? kernels.row_winograd.0 : kernels.row_winograd.1
  }

  // MARK: Weights

  /// Computes `U = G w`.
  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    var problem = problem
    for index in 0..<weight.panelCount {
      let range = weight.columnRange(ofPanel: index)
      kernels(context.kernels).weights(
        &problem, weight.panel(index), range.count, transformed + range.lowerBound)
    }
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount { gradients.append(arena.floats(weightCount)) }
    data.prepareBackward(weight, givesInputGradient: givesInputGradient, in: context)
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].update(repeating: 0, count: weightCount)
  }

  /// Adds `Gᵀ ∂U`.
  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    var problem = problem
    for index in 0..<gradient.panelCount {
      let range = gradient.columnRange(ofPanel: index)
      kernels(lane.kernels).weights_adjoint(
        &problem, gradients[lane.worker.index] + range.lowerBound, range.count,
        gradient.panel(index))
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    for image in 0..<count {
      let y = y + image * geometry.outputCount
      let v = lane.scratch
      transformInput(x + image * geometry.inputCount, problem, in: lane)
      let lines = lane.worker.parts(of: geometry.rows.output)
      lane.worker.share(lines.count) { part, _ in
        let lines = lines.range(part)
        setOutputs(y, lines: lines, from: v + lines.lowerBound * line, bias, in: lane)
      }
    }
  }

  var rowsAtATime: Int? { geometry.rowsOfBand }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    var problem = problem
    problem.lines = rows.count
    let skip = geometry.rows.windows.skip(to: rows.lowerBound)
    problem.height -= skip.rows
    problem.top = skip.before
    transformInput(
      x + skip.rows * geometry.columns.input * geometry.inputChannels, problem, in: lane)
    setOutputs(y, lines: rows, from: lane.scratch, bias, in: lane)
  }

  /// Computes the points of some rows of an image in the lane's scratch memory.
  private func transformInput(_ x: UnsafePointer<Float>, _ problem: row_winograd, in lane: Lane) {
    var problem = problem
    kernels(lane.kernels).inputs(&problem, x, lane.scratch + inputCount, lane.scratch)
  }

  /// Computes some rows of outputs from the points of the rows that they read.
  private func setOutputs(
    _ y: UnsafeMutablePointer<Float>, lines: Range<Int>, from v: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, in lane: Lane
  ) {
    var problem = problem
    problem.lines = lines.count
    kernels(lane.kernels).outputs(
      &problem, v, transformed, bias,
      y + lines.lowerBound * geometry.columns.output * geometry.outputChannels)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    if gradient != nil {
      let kernels = kernels(lane.kernels)
      let v = lane.scratch
      var problem = problem
      for image in 0..<count {
        kernels.inputs(&problem, x + image * geometry.inputCount, v + inputCount, v)
        kernels.gradients(
          &problem, v, dy + image * geometry.outputCount, v + inputCount,
          gradients[lane.worker.index])
      }
    }
    if let dx { data.backward(x, dy, count: count, into: dx, addingTo: nil, in: lane) }
  }
}
