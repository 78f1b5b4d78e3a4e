import Tensors

/// A thread's scratch memory for Winograd's passes, as named regions.
struct WinogradScratch {
  /// The images whose tiles are in progress, with zeros around them.
  let paddedInputs: UnsafeMutablePointer<Float>
  /// The gradients with respect to these images.
  let paddedGradients: UnsafeMutablePointer<Float>
  /// The points `V` of a block of tiles, or `∂V`.
  let v: UnsafeMutablePointer<Float>
  /// The points `M` of a block of tiles, or `∂M`.
  let m: UnsafeMutablePointer<Float>

  init(at base: UnsafeMutablePointer<Float>, of convolution: WinogradConvolution) {
    paddedInputs = base
    paddedGradients = paddedInputs + convolution.heldImageCount
    v = paddedGradients + convolution.heldImageCount
    m = v + convolution.inputPointCount
  }
}

/// The layout of the points of a group of images. All points of a group are contiguous, so that the
/// points of a large batch do not compete for the same sets of a cache.
struct WinogradGroupPoints {
  let inputs: WinogradPoints
  let outputs: WinogradPoints
  /// The number of tiles of a group.
  let tiles: Int
  /// The size of the points of a group's inputs, and of its outputs, in floats.
  let inputCount: Int
  let outputCount: Int

  init(inputChannels: Int, outputChannels: Int, tiles: Int, points: Int) {
    inputs = WinogradPoints(channels: inputChannels, tiles: tiles)
    outputs = WinogradPoints(channels: outputChannels, tiles: tiles)
    self.tiles = tiles
    inputCount = points * inputs.point
    outputCount = points * outputs.point
  }

  /// The size of all points of a group in floats.
  var count: Int { inputCount + outputCount }
}

/// The shared scratch memory of a backward pass over the whole batch, as named regions:
///
///     ∂U | Uᵀ | V of each group | ∂M of each group
struct WinogradBatchMemory {
  /// `∂U`
  let weightGradient: UnsafeMutablePointer<Float>
  /// `Uᵀ`
  let transposedWeights: UnsafeMutablePointer<Float>
  let layout: WinogradGroupPoints
  private let inputPoints: UnsafeMutablePointer<Float>
  private let outputPoints: UnsafeMutablePointer<Float>

  init(
    at base: UnsafeMutablePointer<Float>, weights: Int, transposedWeights: Int, groups: Int,
    layout: WinogradGroupPoints
  ) {
    weightGradient = base
    self.transposedWeights = weightGradient + weights
    inputPoints = self.transposedWeights + transposedWeights
    outputPoints = inputPoints + groups * layout.inputCount
    self.layout = layout
  }

  /// The points `V` of a group.
  func v(ofGroup group: Int) -> UnsafeMutablePointer<Float> {
    inputPoints + group * layout.inputCount
  }

  /// The points `∂M` of a group.
  func m(ofGroup group: Int) -> UnsafeMutablePointer<Float> {
    outputPoints + group * layout.outputCount
  }
}

/// The layout of `U`, or of its transpose or gradient: for each panel and point a matrix with rows of the panel's width.
struct WinogradWeights {
  private let rows: Int
  private let columns: Int
  private let points: Int

  /// - Parameters:
  ///   - rows: the channels of sums, zeros included.
  ///   - columns: the channels of results, zeros included.
  init(rows: Int, columns: Int, points: Int) {
    self.rows = rows
    self.columns = columns
    self.points = points
  }

  var panels: Int { PanelMatrix.panelCount(columns) }
  /// The pairs of a panel and a point, with the point as the inner index.
  var pairs: Int { panels * points }
  /// The size in floats.
  var count: Int { offset(ofPair: pairs) }

  /// The columns of a panel, zeros included: 32, or 16 in the last one.
  func width(ofPanel panel: Int) -> Int { PanelMatrix.width(ofPanel: panel, columns: columns) }

  /// The number of floats from point to point of a panel, with one more cache line than a point needs.
  func point(ofPanel panel: Int) -> Int { rows * width(ofPanel: panel) + 16 }

  /// The place of a point of a panel.
  func offset(ofPanel panel: Int, point: Int = 0) -> Int {
    panel * points * (rows * PanelMatrix.panelWidth + 16) + point * self.point(ofPanel: panel)
  }

  /// The place of a pair, or the end of the last one.
  func offset(ofPair pair: Int) -> Int {
    guard pair > 0 else { return 0 }
    let (panel, point) = (pair - 1).quotientAndRemainder(dividingBy: points)
    return offset(ofPanel: panel, point: point + 1)
  }
}

/// A thread's sum `∂U` for the examples of a lane.
struct WinogradGradient {
  let base: UnsafeMutablePointer<Float>
  private let isZeroMemory: UnsafeMutablePointer<Bool>

  init(count: Int, in arena: Arena) {
    base = arena.floats(count)
    isZeroMemory = arena.values(of: Bool.self, 1)
  }

  /// True if the sum counts as zeros, whatever its memory holds where products are added. That costs less than setting
  /// it to zero, which takes as long as the products of one or two examples.
  var isZero: Bool {
    get { isZeroMemory.pointee }
    nonmutating set { isZeroMemory.pointee = newValue }
  }
}
