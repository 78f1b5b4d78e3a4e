import Layers
import Networks
import Tensors

/// A word of the course's notation with layers that can be drawn and checked.
public struct CheckedWord: Sendable {
  /// The word in the notation: `conv`.
  public let name: String
  private let specification: any CheckedSpecification.Type

  /// The words of all layers that have a ``CheckedSpecification``, in the registry's order.
  public static let all: [CheckedWord] = LayerRegistry.types.flatMap { type in
    guard let checked = type as? any CheckedSpecification.Type else { return [CheckedWord]() }
    return type.words.map { CheckedWord(name: $0.name, specification: checked) }
  }

  /// Draws the specimen with the given number, and builds the network of that one layer.
  ///
  /// If the layer cannot take the drawn shape, the specimen is drawn again.
  public func specimen(_ number: Int, seed: UInt64) -> (Specimen, Sequential) {
    for attempt in 0..<1000 {
      var draw = SpecimenDraw(Draw(seed: seed, index: (2 << 20) + number * 1000 + attempt))
      let specimen = specification.drawSpecimen(of: name, &draw)
      if let architecture = try? Architecture(specimen.notation),
        let network = try? architecture.stack(
          input: specimen.input.with(examples: 1), classes: 1)
      {
        return (Specimen(notation: architecture.canonical, input: specimen.input), network)
      }
    }
    preconditionFailure("\(name): no shape of 1000 fits")
  }
}
