import ArgumentParser

/// What `visualize` shows.
enum VisualizedSubject: String, CaseIterable, ExpressibleByArgument {
  case filters, activations, saliency
  case gradCAM = "grad-cam"
  case occlusion
  case maximallyActivating = "maximally-activating"
  case worst, weights, embedding

  /// The flags that change this picture, beside those that all have.
  var flags: [String] {
    switch self {
    case .filters: ["--layer"]
    case .activations: ["--image", "--index", "--layer"]
    case .saliency: ["--image", "--index", "--class"]
    case .gradCAM: ["--image", "--index", "--class", "--layer"]
    case .occlusion: ["--image", "--index", "--class", "--window", "--stride", "--baseline"]
    case .maximallyActivating: ["--layer", "--channel", "--count", "--limit"]
    case .worst: ["--count"]
    case .weights: ["--limit"]
    case .embedding: ["--limit", "--perplexity", "--seed"]
    }
  }

  /// True if the picture needs the images of a data set.
  func needsData(image: String?) -> Bool {
    switch self {
    case .filters: false
    case .activations, .saliency, .gradCAM, .occlusion: image == nil
    case .maximallyActivating, .worst, .weights, .embedding: true
    }
  }
}
