import Textbook

/// A scalar function of a network's outputs, whose gradient is checked.
enum Objective {
  /// The mean softmax cross-entropy over the examples, given the class of each.
  case classification(labels: [Int])
  /// The projection `Σ r ⊙ q`, in which every output has a factor of its own.
  case projection([Volume<Double>])

  func value(_ q: [Volume<Double>]) -> Double {
    switch self {
    case .classification(let labels):
      zip(q, labels).reduce(0) { $0 + softmaxCrossEntropy(Vector($1.0.elements), $1.1) }
        / Double(q.count)
    case .projection(let factors): zip(q, factors).reduce(0) { $0 + dot($1.0, $1.1) }
    }
  }

  /// The objective of the first example alone.
  var ofFirstExample: Objective {
    switch self {
    case .classification(let labels): .classification(labels: [labels[0]])
    case .projection(let factors): .projection([factors[0]])
    }
  }

  /// `∂L/∂q`
  func gradient(_ q: [Volume<Double>]) -> [Volume<Double>] {
    switch self {
    case .classification(let labels):
      zip(q, labels).map { q, label in
        let gradient = softmaxCrossEntropyGradient(Vector(q.elements), label)
        return Volume(shape: q.shape, elements: gradient.elements.map { $0 / Double(labels.count) })
      }
    case .projection(let factors): factors
    }
  }
}
