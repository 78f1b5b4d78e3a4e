import Layers
import Tensors
import Textbook

/// A layer whose gradient can be checked: the Textbook has its formulas.
protocol CheckedLayer: Layer {
  /// The Textbook's layer with the same values.
  ///
  /// Its parameters have the order of this layer's parameters, without running averages. For a
  /// layer without a bias, a bias of zeros follows.
  var textbookLayer: any LectureBatchLayer<Double> { get }

  /// The formulas of lecture rows that cover the layer's shape, for images of `input`.
  func rowFormulas(input: Extent) -> [RowFormula]
}

extension CheckedLayer {
  /// None: no row has another formula than the Textbook's layer.
  func rowFormulas(input: Extent) -> [RowFormula] { [] }
}

/// A layer of the notation whose specimens can be drawn.
///
/// Each layer has a file in `Layers` that conforms the layer to ``CheckedLayer`` and its specification
/// to this protocol.
protocol CheckedSpecification: LayerSpecification {
  /// Specimens of one of the specification's words that together cover its options and edges.
  ///
  /// Three are enough for most words. They come before the drawn ones.
  static func coveringSpecimens(of word: String) -> [Specimen]

  /// Draws a specimen of one of the specification's words.
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen
}

extension CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] { [] }
}

/// A layer in the course's notation, and the shape of an input that it takes, examples first.
public struct Specimen: Sendable {
  public let notation: String
  public let input: Shape
}

extension PlainSpecification where Self: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    Specimen(notation: word, input: draw.image())
  }
}

/// The Textbook's counterpart of a fast layer, with the same values.
///
/// - Throws: ``GradientCheckError`` for a layer that is not checked.
func textbookLayer(
  of layer: any Layer
) throws(GradientCheckError) -> any LectureBatchLayer<Double> {
  guard let layer = layer as? any CheckedLayer else {
    throw .noTextbookLayer(name: layer.name, kind: "\(type(of: layer))")
  }
  return layer.textbookLayer
}

/// The reason why a network cannot be checked.
public enum GradientCheckError: Error, Equatable, CustomStringConvertible {
  /// - Parameter kind: the type of the fast layer.
  case noTextbookLayer(name: String, kind: String)

  public var description: String {
    switch self {
    case .noTextbookLayer(let name, let kind):
      "\(name): its gradient cannot be checked (found \(kind), for which the Textbook has no layer). "
        + "Add a file for it to Sources/GradientChecking/Layers, or leave it out."
    }
  }
}

// MARK: Parts of Textbook layers

/// A layer without parameters, given by its formulas.
func lectureFunction(
  _ forward: @escaping (Volume<Double>) -> Volume<Double>,
  _ backward: @escaping (Volume<Double>, Volume<Double>) -> Volume<Double>
) -> any LectureBatchLayer<Double> {
  LectureEach(LectureFunction(forward: forward, backward: backward))
}

extension Parameter {
  /// The values in double, in stored order.
  var exactValues: [Double] { storedValues().map(Double.init) }
}

/// A bias's values; zeros for a layer without a bias.
func biasVector(_ bias: Parameter?, _ count: Int) -> Vector<Double> {
  bias.map { Vector($0.exactValues) } ?? Vector(zeros: count)
}

extension Extent {
  init(_ extent: Extent2D) { self.init(extent.height, extent.width) }
}
