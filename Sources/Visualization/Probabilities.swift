import Datasets

/// The softmax of a network's outputs.
public enum Probabilities {
  /// `exp(z − max z) / Σ exp(z − max z)`, in double.
  ///
  /// - Parameter logits: finite.
  public static func of(_ logits: ArraySlice<Float>) -> [Double] {
    let greatest = Double(logits.max() ?? 0)
    let powers = logits.map { ExactMath.exponential(Double($0) - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

extension Normalization {
  /// Pixels as inputs of the network, `[…, channels]`.
  public func normalized(_ pixels: [UInt8]) -> [Float] {
    [Float](unsafeUninitializedCapacity: pixels.count) { inputs, count in
      pixels.withUnsafeBufferPointer { pixels in
        if let first = pixels.baseAddress, let input = inputs.baseAddress {
          normalize(first, count: pixels.count, into: input)
        }
      }
      count = pixels.count
    }
  }
}
