import Layers
import Tensors
import Textbook

/// Dropout with the masks that the network's layer draws. It draws word by word from the layer's
/// stream, a whole number of counters for each example, for the elements with channels last.
final class DrawnDropout: LectureBatchLayer {
  private let number: Int
  private let probability: Double
  private var masks: [Volume<Double>] = []

  /// - Parameter number: the layer's number among the network's dropout layers.
  init(number: Int, probability: Double) {
    self.number = number
    self.probability = probability
  }

  func forward(_ p: [Volume<Double>]) -> [Volume<Double>] {
    let randomKey = LectureNetwork.randomKey
    var random = Random(
      seed: randomKey.seed, domain: .dropout, index: number, epoch: randomKey.step)
    let dropped = UInt32(probability * 0x1p32)
    masks = p.map { example in
      let count = example.elements.count
      // A counter yields four words.
      let drawn = (0..<(count + 3) / 4 * 4).map { _ in random.nextBits() >= dropped }
      return volumes(drawn.prefix(count).map { $0 ? 1 : 0 }, like: [example])[0]
    }
    return zip(p, masks).map { dropout($0, mask: $1, probability: probability) }
  }

  func backward(_ dq: [Volume<Double>]) -> [Volume<Double>] {
    zip(dq, masks).map { dropoutBackward($0, mask: $1, probability: probability) }
  }
}
