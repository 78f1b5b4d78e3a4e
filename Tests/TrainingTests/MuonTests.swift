import Layers
import Networks
import Tensors
import Testing

@testable import Training

@Suite struct NewtonSchulzTests {
  /// The formula in double, of a matrix in rows.
  private func reference(
    _ matrix: [[Double]], _ a: Double, _ b: Double, _ c: Double
  ) -> [[Double]] {
    func multiply(_ x: [[Double]], _ y: [[Double]]) -> [[Double]] {
      x.map { row in
        y[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * y[$1][j] } }
      }
    }
    func transpose(_ x: [[Double]]) -> [[Double]] {
      x[0].indices.map { j in x.map { $0[j] } }
    }
    let norm = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = matrix.map { $0.map { $0 / (norm + 1e-7) } }
    for _ in 0..<3 {
      let gram = multiply(x, transpose(x))
      let square = multiply(gram, gram)
      let product = multiply(
        gram.indices.map { i in gram.indices.map { j in b * gram[i][j] + c * square[i][j] } }, x)
      x = x.indices.map { i in x[i].indices.map { j in a * x[i][j] + product[i][j] } }
    }
    return x
  }

  /// Shapes on both sides of the square and of whole panels.
  @Test(arguments: [
    (1, 1), (1, 5), (5, 1), (3, 7), (32, 32), (33, 32), (40, 70), (70, 40), (65, 66), (130, 33),
  ])
  func theResultIsTheFormulas(_ rows: Int, _ columns: Int) {
    var random = Random(seed: 7, domain: .augmentation)
    let matrix = (0..<rows).map { _ in
      (0..<columns).map { _ in Double(2 * random.uniform() - 1) }
    }
    let newton = NewtonSchulz(
      .init(a: 3.4445, b: -4.775, c: 2.0315), extents: [(50, 3), (rows, columns), (2, 90)])
    let context = Context(threadCount: 2)
    let expected = reference(matrix, 3.4445, -4.775, 2.0315)
    // Once after another matrix, whose elements must not remain in the padding.
    for _ in 0..<2 {
      let large = PanelMatrix(rows: 50, columns: 3, at: newton.input)
      for i in 0..<50 * 16 { large.base[i] = i % 16 < 3 ? 1 : 0 }
      _ = newton.orthogonalize(rows: 50, columns: 3, norm: 150.0.squareRoot(), in: context)

      let input = PanelMatrix(rows: rows, columns: columns, at: newton.input)
      input.base.update(
        repeating: 0, count: PanelMatrix.storageCount(rows: rows, columns: columns))
      for i in 0..<rows {
        for j in 0..<columns { input[i, j] = Float(matrix[i][j]) }
      }
      let norm = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
      let result = newton.orthogonalize(rows: rows, columns: columns, norm: norm, in: context)
      let found = PanelMatrix(
        rows: rows, columns: columns, at: UnsafeMutablePointer(mutating: result))
      for i in 0..<rows {
        for j in 0..<columns {
          #expect(abs(Double(found[i, j]) - expected[i][j]) < 2e-5)
        }
      }
      let count = PanelMatrix.storageCount(rows: rows, columns: columns)
      #expect((0..<count).count { result[$0] != 0 } <= rows * columns)
    }
  }

  /// A diagonal matrix shows the singular values: s becomes a·s + b·s³ + c·s⁵, three times.
  @Test func singularValuesComeCloseToOne() {
    let newton = NewtonSchulz(.init(a: 3.4445, b: -4.775, c: 2.0315), extents: [(3, 3)])
    let matrix = PanelMatrix(rows: 3, columns: 3, at: newton.input)
    let values = [2.0, -1, 0.25]
    for i in 0..<3 { matrix[i, i] = Float(values[i]) }
    let norm = (4 + 1 + 0.0625).squareRoot()
    let result = newton.orthogonalize(
      rows: 3, columns: 3, norm: norm, in: Context(threadCount: 1))
    for (i, value) in values.enumerated() {
      var s = value / norm
      for _ in 0..<3 { s = 3.4445 * s - 4.775 * s * s * s + 2.0315 * s * s * s * s * s }
      #expect(abs(Double(result[i * 16 + i]) - s) < 1e-5)
      #expect((0.6...1.25).contains(abs(s)))
    }
  }
}

@Suite struct MuonTests {
  private func entries(
    _ notation: String, _ settings: (key: String, value: String)...
  ) throws -> [String] {
    let network = try Architecture(notation).network(input: [1, 8, 8, 3], classes: 4)
    let configuration = try Configuration(recipe: [("opt", "muon")], flags: settings)
    return OptimizedParameters(network, groups: try configuration.parameterGroups(of: network))
      .entries.filter(\.hyperparameters.usesMuon).map(\.parameter.name)
  }

  @Test func hiddenMatricesAreOrthogonalized() throws {
    let notation = "conv(4,3) bn dwconv(3) convt(4,2) fc(6) relu fc(classes) bn"
    #expect(try entries(notation) == ["conv1.weight", "convt1.weight", "fc1.weight"])
    #expect(try entries("conv(4,3) conv(4,3,groups=2) fc(classes)") == ["conv1.weight"])
    #expect(try entries("conv(4,3,frozen=yes) fc(6) fc(classes)") == ["fc1.weight"])
    #expect(
      try entries(notation, ("groups", "convt: muon=no; fc2.weight: muon=yes"))
        == ["conv1.weight", "fc1.weight", "fc2.weight"])
  }

  @Test func aNetworkWithoutMatricesIsRefused() throws {
    var run = try SmallRun(("opt", "muon"))
    run.configuration.network = .notation(try Architecture("pool(4) fc(classes)"))
    let error = #expect(throws: SettingError.self) { try run.trainer() }
    #expect(
      error?.description == "--opt: the network has no trained weight before its last one "
        + "(found “muon”, expected another optimizer, or --groups \"weight: muon=yes\").")
  }

  @Test(arguments: [
    ("1", MuonRescaling.every(steps: 1, growth: 0), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ("4", .every(steps: 4, growth: 0), [4, 8]),
    // 2 + ⌊5·step/10⌋ is 2, 3, 3, 4, 4, 5, 5, 6, 6, 7.
    ("2+5", .every(steps: 2, growth: 5), [3, 4]), ("never", .never, []),
  ])
  func filtersAreRescaledWhenDue(_ text: String, _ expected: MuonRescaling, _ due: [Int]) throws {
    let rescaling = try #require(MuonRescaling(text))
    #expect(rescaling == expected && rescaling.description == text)
    #expect(
      (1...10).filter {
        rescaling.isDue(
          at: OptimizerStep(
            number: $0, learningRate: 1, base: 1,
            point: SchedulePoint(step: $0 - 1, stepsPerEpoch: 10, totalSteps: 10)))
      } == due)
  }

  @Test(arguments: ["", "0", "-1", "1+", "+2", "1+-2", "1.5", "always", "1+2+3"])
  func otherTextIsNoRescaling(_ text: String) { #expect(MuonRescaling(text) == nil) }

  /// With a learning rate of 0 only the scaling is left: the filters' norm is √4.
  @Test func theNormOfAFilterBankIsTheRootOfItsOutputs() {
    let filters = Parameter(
      "conv1.weight",
      .convolution(kernelHeight: 3, kernelWidth: 3, inputChannels: 2, outputChannels: 4),
      fanIn: 18)
    filters.setValues(stored: (0..<72).map { Float($0 % 7) - 3 })
    filters.set(filters.gradient, stored: (0..<72).map { Float($0 % 5) - 2 })
    let start = filters.storedValues()
    let muon = Muon(
      OptimizedParameters([filters], .init(usesMuon: true)), configuration: Configuration())
    muon.update(OptimizerStep(number: 1, learningRate: 0), in: Context(threadCount: 1))
    let values = filters.storedValues()
    let norm = start.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    for (found, start) in zip(values, start) {
      #expect(abs(Double(found) - 2 * Double(start) / norm) < 1e-6)
    }
    // Zeros have no norm to scale.
    filters.setValues(stored: [Float](repeating: 0, count: 72))
    muon.update(OptimizerStep(number: 2, learningRate: 0), in: Context(threadCount: 1))
    #expect(filters.storedValues().allSatisfy { $0 == 0 })
  }

  /// A matrix that is frozen during the run keeps its values, and the others go on.
  @Test func frozenMatricesStay() {
    let matrices = ["fc1.weight", "fc2.weight"].map {
      Parameter($0, .fullyConnected(inputs: 3, outputs: 2), fanIn: 3)
    }
    for matrix in matrices {
      matrix.setValues(stored: [1, 2, 3, 4, 5, 6])
      matrix.set(matrix.gradient, stored: [1, 0, 0, 0, 1, 0])
    }
    let muon = Muon(
      OptimizedParameters(matrices, .init(usesMuon: true)), configuration: Configuration())
    matrices[0].freeze()
    muon.update(OptimizerStep(number: 1, learningRate: 0.1), in: Context(threadCount: 1))
    #expect(matrices[0].storedValues() == [1, 2, 3, 4, 5, 6])
    #expect(matrices[1].storedValues() != [1, 2, 3, 4, 5, 6])
  }

  @Test func muonLearns() throws {
    let tiny = try TinyTraining()
    let trainer = try tiny.trainer([
      "arch": "conv(4,5) relu pool(4) fc(classes)", "opt": "muon", "lr": "0.02", "epochs": "8",
      "groups": "fc: lr=0.02, momentum=0.5",
    ])
    let before = try trainer.meanLoss(trainer.data.validation)
    while !trainer.isFinished { _ = try trainer.advance() }
    #expect(try trainer.meanLoss(trainer.data.validation) < before / 4)
  }
}
