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

  /// The specimen of a number, and the network of that one layer.
  ///
  /// The first ones cover the word's options and edges. The others are drawn; shapes that the layer does
  /// not take are drawn again.
  public func specimen(_ number: Int, seed: UInt64) -> (Specimen, Sequential) {
    let covering = specification.coveringSpecimens(of: name)
    if number < covering.count {
      guard let fitting = Self.network(of: covering[number]) else {
        preconditionFailure("\(name): \(covering[number]) does not fit")
      }
      return fitting
    }
    for attempt in 0..<1000 {
      var draw = SpecimenDraw(Draw(seed: seed, index: (2 << 20) + number * 1000 + attempt))
      let specimen = specification.drawSpecimen(of: name, &draw)
      if let fitting = Self.network(of: specimen) { return fitting }
    }
    preconditionFailure("\(name): no shape of 1000 fits")
  }

  /// Nil if the layer does not take the shape.
  private static func network(of specimen: Specimen) -> (Specimen, Sequential)? {
    guard let architecture = try? Architecture(specimen.notation),
      let network = try? architecture.stack(input: specimen.input.with(examples: 1), classes: 1)
    else { return nil }
    return (Specimen(notation: architecture.canonical, input: specimen.input), network)
  }
}
