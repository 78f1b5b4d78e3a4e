import WebServer

/// The parameters of a request's address.
struct AnswerOptions {
  /// The number of classes for each image.
  private(set) var top: Int
  /// The maximum number of channels of a layer in the answer of `/activations`.
  private(set) var channels = 64

  /// - Parameters:
  ///   - top: the number of classes if the request gives none.
  ///   - classes: the number of the network's classes.
  /// - Throws: ``HTTPProblem`` for an unknown parameter or a bad value.
  init(_ head: HTTPHead, _ route: Route, top: Int, classes: Int) throws(HTTPProblem) {
    self.top = min(top, classes)
    let known = route == .activations ? ["top", "channels"] : ["top"]
    for (name, value) in head.query {
      guard known.contains(name) else {
        throw HTTPProblem(
          400, "unknown parameter “\(name.prefix(40))” (expected \(known.joined(separator: ", ")))."
        )
      }
      guard let number = Int(value), number >= 1 else {
        throw HTTPProblem(
          400, "\(name): invalid value (found “\(value.prefix(40))”, expected 1 or more).")
      }
      if name == "top" { self.top = min(number, classes) } else { channels = number }
    }
  }
}
