extension LayerBuilder {
  /// Throws unless `groups` divides the channels of the input and `outputs`.
  ///
  /// The error names the nearest number of groups that does, and if the input allows `groups`, the nearest
  /// numbers of outputs.
  package func requireGroups(_ groups: Int, outputs: Int) throws(NotationError) {
    guard channels % groups != 0 || outputs % groups != 0 else { return }
    let possible = (1...min(channels, outputs)).filter { channels % $0 == 0 && outputs % $0 == 0 }
    let nearest = possible.min { abs($0 - groups) < abs($1 - groups) } ?? 1
    var remedy = "groups=\(nearest)"
    if channels % groups == 0 {
      let below = outputs / groups * groups
      remedy += ", or \(below > 0 ? "\(below) or " : "")\(below + groups) outputs"
    }
    throw error(
      "\(groups) groups do not divide its channels, \(channels) to \(outputs)",
      expected: remedy)
  }
}
