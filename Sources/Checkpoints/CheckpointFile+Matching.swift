extension Checkpoint {
  /// The text under `key` in the metadata.
  public func string(_ key: String) throws(CheckpointProblem) -> String {
    guard let string = metadata[key] else { throw .missingMetadata(key: key) }
    return string
  }

  /// The values of the tensors in `expected`, in its order, after a check of their shapes.
  ///
  /// - Parameter isOthers: true for a tensor that is not in `expected` but may be in the file and
  ///   is ignored; every other additional tensor is an error.
  /// - Throws: ``CheckpointProblem`` that names the first tensor that is missing, has another shape
  ///   or is not expected.
  public func values(
    matching expected: [(name: String, shape: [Int])], passingOver isOthers: (String) -> Bool
  ) throws(CheckpointProblem) -> [[Float]] {
    var unclaimed: [String: StoredTensor] = [:]
    for tensor in tensors { unclaimed[tensor.name] = tensor }
    var values: [[Float]] = []
    for (name, shape) in expected {
      guard let tensor = unclaimed.removeValue(forKey: name) else {
        throw .missing(tensor: name, shape: shape)
      }
      guard tensor.shape == shape else {
        throw .misshapen(tensor: name, found: tensor.shape, expected: shape)
      }
      values.append(tensor.values)
    }
    for tensor in tensors where unclaimed[tensor.name] != nil && !isOthers(tensor.name) {
      throw .unexpected(tensor: tensor.name, shape: tensor.shape)
    }
    return values
  }
}
