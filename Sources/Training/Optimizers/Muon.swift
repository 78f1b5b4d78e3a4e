import CKernels
import Layers
import Tensors

/// Muon for the filters of convolutions and the matrices of hidden layers, and another optimizer for
/// the rest (Jordan et al. 2024; the form of `airbench94_muon.py`):
///
///     v = µ·v + g        u = v, or g + µ·v with Nesterov's momentum
///     O = the orthogonalized u, by `NewtonSchulz`
///     θ ← √cout·θ/‖θ‖    (every step, or as ``MuonRescaling`` says)
///     θ ← (1 − η·λ)·θ − η·O
///
/// All matrices are [cout, cin·kh·kw]. ``Hyperparameters/usesMuon`` selects them: by default all
/// weights of convolutions and fully connected layers but the network's last weight. Their rate η,
/// decay λ and momentum µ are those of their ``Hyperparameters``, as for the rest. `v` starts at 0.
public final class Muon: Optimizer {
  public static let name = "muon"
  public static let usualLearningRate: Double? = 0.02
  public static let usualMomentum: Double? = 0.9
  /// The factors of `airbench94_muon.py`.
  static let usualCoefficients = [3.4445, -4.7750, 2.0315]
  private static let blockSize = 16_384

  public let parameters: OptimizedParameters
  private let matrices: OptimizedParameters
  private let rest: any Optimizer
  private let nesterov: Bool
  private let rescaling: MuonRescaling
  /// `v`, for the matrices with momentum.
  private let velocity: OptimizerSlot
  private let newtonSchulz: NewtonSchulz
  private let arena = Arena()
  /// With shared memory, the process that updates each matrix: they divide the matrices.
  private let owners: [Int]
  /// The sum of squares of each block of one matrix.
  private let partial: UnsafeMutablePointer<Double>

  public init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.parameters = parameters
    matrices = parameters.filter(\.hyperparameters.usesMuon)
    rest = configuration.muonRest.type.init(
      parameters.filter { !$0.hyperparameters.usesMuon }, configuration: configuration)
    nesterov = configuration.nesterov
    rescaling = configuration.muonRescaling
    velocity = matrices.addSlot(
      "momentum_buffer", where: { $0.hyperparameters.momentum != 0 })
    let factors = (configuration.muonCoefficients ?? Self.usualCoefficients).map { Float($0) }
    precondition(factors.count == 3, "\(factors)")
    let shapes = matrices.entries.map { $0.parameter.matrix }
    newtonSchulz = NewtonSchulz(
      .init(a: factors[0], b: factors[1], c: factors[2]),
      extents: shapes.map { ($0.rows, $0.columns) })
    owners = Self.owners(shapes, processes: parameters.shared?.count ?? 1)
    let largest = matrices.entries.map(\.parameter.memoryCount).max() ?? 0
    partial = arena.values(of: Double.self, Self.blockCount(largest))
  }

  public static func settings(in configuration: Configuration) -> [String] {
    let own = ["momentum", "nesterov", "muon-rest", "muon-coefficients", "muon-rescale"]
    let rest = configuration.muonRest.type.settings(in: configuration)
    return own + rest.filter { !own.contains($0) }
  }

  public func update(_ step: OptimizerStep, in context: Context) {
    let rescales = rescaling.isDue(at: step)
    let process = parameters.shared?.rank ?? 0
    for (index, entry) in matrices.entries.enumerated()
    where entry.parameter.isTrained && owners[index] == process {
      let matrix = entry.parameter.matrix
      let norm = setDirection(of: index, in: context)
      let orthogonal = newtonSchulz.orthogonalize(
        rows: matrix.rows, columns: matrix.columns, norm: norm, in: context)
      let rate = step.learningRate(of: entry.hyperparameters)
      var keep = 1 - rate * entry.hyperparameters.weightDecay
      if rescales { keep *= scale(of: entry.parameter, in: context) }
      let values = entry.parameter.values
      forEachBlock(of: entry.parameter, in: context) { _, start, count in
        context.kernels.optimizer.weighted_sum(
          -rate, orthogonal + start, keep, values + start, values + start, count)
      }
    }
    // It ends with a barrier, which the matrices need, too.
    rest.update(step, in: context)
  }

  /// The process that updates each matrix: from the most expensive matrix on, the one with the least work.
  private static func owners(_ shapes: [PanelMatrix], processes: Int) -> [Int] {
    var owners = [Int](repeating: 0, count: shapes.count)
    var work = [Int](repeating: 0, count: processes)
    let costs = shapes.map { $0.rows * $0.columns * min($0.rows, $0.columns) }
    for index in shapes.indices.sorted(by: { (costs[$0], $1) > (costs[$1], $0) }) {
      owners[index] = work.indices.min { (work[$0], $0) < (work[$1], $1) } ?? 0
      work[owners[index]] += costs[index]
    }
    return owners
  }

  /// Adds the gradient of a matrix to its velocity, and writes `u` to the input of Newton–Schulz.
  ///
  /// - Returns: ‖u‖.
  private func setDirection(of index: Int, in context: Context) -> Double {
    let entry = matrices.entries[index]
    let momentum = entry.hyperparameters.momentum
    let velocity = self.velocity[entry: index]
    let direction = newtonSchulz.input
    let kernels = context.kernels.optimizer
    forEachBlock(of: entry.parameter, in: context) { block, start, count in
      let g = entry.parameter.gradient + start
      let u = direction + start
      if let velocity {
        let v = velocity + start
        kernels.weighted_sum(momentum, v, 1, g, v, count)
        if nesterov {
          kernels.weighted_sum(momentum, v, 1, g, u, count)
        } else {
          u.update(from: v, count: count)
        }
      } else {
        u.update(from: g, count: count)
      }
      partial[block] = context.kernels.sum_of_squares(u, count)
    }
    return norm(of: entry.parameter)
  }

  /// √cout/‖θ‖, or 1 for θ = 0.
  private func scale(of parameter: Parameter, in context: Context) -> Float {
    forEachBlock(of: parameter, in: context) { block, start, count in
      partial[block] = context.kernels.sum_of_squares(parameter.values + start, count)
    }
    let norm = self.norm(of: parameter)
    return norm > 0 ? Float(Double(parameter.matrix.columns).squareRoot() / norm) : 1
  }

  /// The root of the sum of ``partial`` over the blocks of `parameter`.
  private func norm(of parameter: Parameter) -> Double {
    (0..<Self.blockCount(parameter.memoryCount)).reduce(0) { $0 + partial[$1] }.squareRoot()
  }

  /// Calls `body` for each block of `parameter`, with all threads.
  private func forEachBlock(
    of parameter: Parameter, in context: Context,
    _ body: (_ block: Int, _ start: Int, _ count: Int) -> Void
  ) {
    context.pool.run(Self.blockCount(parameter.memoryCount)) { block, _ in
      let start = block * Self.blockSize
      body(block, start, min(Self.blockSize, parameter.memoryCount - start))
    }
  }

  private static func blockCount(_ count: Int) -> Int { (count + blockSize - 1) / blockSize }
}

/// The steps before which ``Muon`` scales a bank of filters to the norm √cout: `--muon-rescale`.
public enum MuonRescaling: Equatable, Sendable, CustomStringConvertible {
  case never
  /// Every `steps + ⌊growth·progress⌋` steps. Progress is the number of the step divided by the
  /// number of all steps.
  case every(steps: Int, growth: Int)

  static let forms = "never, a number of steps such as 1, or 2+15 for 2 + ⌊15·progress⌋ steps"

  /// Reads the text of a ``description``.
  init?(_ text: String) {
    guard text != "never" else {
      self = .never
      return
    }
    let numbers = text.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let steps = numbers[0], steps >= 1,
      let growth = numbers.count == 1 ? 0 : numbers[1], growth >= 0, max(steps, growth) <= 1_000_000
    else { return nil }
    self = .every(steps: steps, growth: growth)
  }

  public var description: String {
    switch self {
    case .never: "never"
    case .every(let steps, let growth): growth == 0 ? "\(steps)" : "\(steps)+\(growth)"
    }
  }

  func isDue(at step: OptimizerStep) -> Bool {
    guard case .every(let steps, let growth) = self else { return false }
    return step.number % (steps + growth * step.number / step.plannedSteps) == 0
  }
}
