import WebServer

/// The paths of the server.
enum Route: String, CaseIterable {
  case page = "/"
  case style = "/page.css"
  case script = "/page.js"
  case health = "/health"
  case metrics = "/metrics"
  case model = "/model"
  case predict = "/predict"
  case activations = "/activations"

  var methods: [String] {
    switch self {
    case .predict, .activations: ["POST"]
    default: ["GET", "HEAD"]
    }
  }

  /// True if the network is needed for the answer.
  var isPrediction: Bool { self == .predict || self == .activations }

  /// True if no token is needed: for the page, which asks for it, and to see that the server runs.
  var isOpen: Bool {
    switch self {
    case .page, .style, .script, .health: true
    case .metrics, .model, .predict, .activations: false
    }
  }

  /// - Throws: ``HTTPProblem`` for an unknown path or another method.
  init(_ head: HTTPHead) throws(HTTPProblem) {
    guard let route = Route(rawValue: head.path) else {
      throw HTTPProblem(
        404,
        "There is no \(head.path.prefix(100)) (expected \(Route.allCases.map(\.rawValue).joined(separator: ", ")))."
      )
    }
    guard route.methods.contains(head.method) else {
      let allowed = route.methods.joined(separator: ", ")
      throw HTTPProblem(
        405,
        "\(head.method.prefix(20)) is not allowed for \(route.rawValue) (expected \(allowed)).",
        headers: ["Allow: \(allowed)"])
    }
    self = route
  }
}
