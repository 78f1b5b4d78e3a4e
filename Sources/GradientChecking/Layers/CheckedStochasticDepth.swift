import Layers
import Tensors
import Textbook

/// Stochastic depth with the numbers that the network's layer draws.
final class DrawnStochasticDepth: LectureBatchLayer {
  private let number: Int
  private let probability: Double
  private var survivals: [Double] = []

  /// - Parameter number: the layer's number among the network's layers of stochastic depth.
  init(number: Int, probability: Double) {
    self.number = number
    self.probability = probability
  }

  func forward(_ p: [Volume<Double>]) -> [Volume<Double>] {
    let randomKey = LectureNetwork.randomKey
    survivals = p.indices.map { example in
      var random = Random(
        seed: randomKey.seed, domain: .stochasticDepth, index: randomKey.firstExample + example,
        epoch: randomKey.step, part: UInt16(number))
      return random.nextBits() >= UInt32(probability * 0x1p32) ? 1 : 0
    }
    return zip(p, survivals).map { stochasticDepth($0, survival: $1, probability: probability) }
  }

  func backward(_ dq: [Volume<Double>]) -> [Volume<Double>] {
    zip(dq, survivals).map {
      stochasticDepthBackward($0, survival: $1, probability: probability)
    }
  }
}

extension StochasticDepth: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    DrawnStochasticDepth(number: number, probability: probability)
  }
}

extension StochasticDepth.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    Specimen(notation: "droppath(0.\(draw.number(1...9)))", input: draw.image())
  }
}
