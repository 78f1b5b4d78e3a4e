import Layers
import Networks
import Tensors

/// A kind of layer, and how specimens of it are drawn. Every word of the course's notation has one here.
public struct LayerKind: Sendable {
  /// The notation's word: `conv`.
  public let name: String
  private let draw: @Sendable (inout SpecimenDraw) -> Specimen

  /// A layer in the course's notation, and the shape of an input that it takes, examples first.
  public struct Specimen: Sendable {
    public let notation: String
    public let input: Shape
  }

  public static let all: [LayerKind] = [
    LayerKind(name: "conv") { draw in
      draw.layer("conv(\(draw.channels),\(draw.extent(1...4)))", on: draw.image()) {
        [
          "stride=\($0.extent(1...3))", "padding=\($0.oneOf("valid", "same", "0", "1"))",
          "bias=\($0.yesOrNo)",
        ]
      }
    },
    LayerKind(name: "convt") { draw in
      draw.layer("convt(\(draw.channels),\(draw.extent(1...4)))", on: draw.image()) {
        [
          "stride=\($0.extent(1...3))", "padding=\($0.extent(0...2))",
          "outpad=\($0.extent(0...2))", "bias=\($0.yesOrNo)",
        ]
      }
    },
    LayerKind(name: "conv1d") { draw in
      draw.layer("conv1d(\(draw.channels),\(draw.number(1...7)))", on: draw.signal()) {
        [
          "stride=\($0.number(1...3))", "padding=\($0.oneOf("valid", "same", "0", "2"))",
          "bias=\($0.yesOrNo)",
        ]
      }
    },
    LayerKind(name: "fc") { draw in
      draw.layer("fc(\(draw.number(1...6)))", on: draw.image()) { ["bias=\($0.yesOrNo)"] }
    },
    LayerKind(name: "bn") { draw in
      draw.layer("bn", on: draw.image(examples: 2...4)) {
        ["epsilon=\($0.oneOf("1e-05", "0.01"))", "scale=\($0.yesOrNo)"]
      }
    },
    alone("relu"), alone("gelu"), alone("sigmoid"), alone("tanh"),
    LayerKind(name: "pool") { draw in
      draw.layer("pool(\(draw.extent(1...3)),\(draw.extent(1...3)))", on: draw.image()) {
        ["padding=\($0.number(0...1))", "mode=\($0.oneOf("floor", "ceil"))"]
      }
    },
    LayerKind(name: "pool1d") { draw in
      draw.layer("pool1d(\(draw.number(1...4)),\(draw.number(1...4)))", on: draw.signal()) {
        ["padding=\($0.number(0...2))", "mode=\($0.oneOf("floor", "ceil"))"]
      }
    },
    LayerKind(name: "avgpool") { draw in
      draw.layer("avgpool(\(draw.extent(1...3)),\(draw.extent(1...3)))", on: draw.image()) {
        [
          "padding=\($0.number(0...1))", "mode=\($0.oneOf("floor", "ceil"))",
          "countpadding=\($0.yesOrNo)",
        ]
      }
    },
    alone("globalmax"), alone("globalavg"), alone("flatten"), alone("signal"),
    LayerKind(name: "upsample") { draw in
      draw.layer("upsample(\(draw.extent(1...3)))", on: draw.image()) {
        ["mode=\($0.oneOf("nearest", "bilinear"))"]
      }
    },
    LayerKind(name: "dropout") { draw in
      Specimen(notation: "dropout(0.\(draw.number(1...9)))", input: draw.image())
    },
    LayerKind(name: "scale") { draw in
      Specimen(notation: "scale(1/\(draw.number(2...9)))", input: draw.image())
    },
    LayerKind(name: "res") { draw in
      let input = draw.image()
      let convolution = "conv(\(input[3]),\(draw.extent(1...3)))"
      let layers = draw.oneOf(
        convolution, "tanh \(convolution)", "res(\(convolution)) sigmoid",
        "\(convolution) res(tanh res(\(convolution)))")
      return Specimen(notation: "res(\(layers))", input: input)
    },
  ]

  /// A layer without arguments.
  private static func alone(_ name: String) -> LayerKind {
    LayerKind(name: name) { draw in Specimen(notation: name, input: draw.image()) }
  }

  /// The drawn specimen of a number, and the network of that one layer.
  ///
  /// Shapes that the layer does not take are drawn again.
  public func specimen(_ number: Int, seed: UInt64) -> (Specimen, Sequential) {
    for attempt in 0..<1000 {
      var random = SpecimenDraw(Draw(seed: seed, index: (2 << 20) + number * 1000 + attempt))
      let specimen = draw(&random)
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

/// The parts of a specimen.
struct SpecimenDraw {
  private var draw: Draw

  init(_ draw: Draw) { self.draw = draw }

  mutating func number(_ range: ClosedRange<Int>) -> Int { draw.number(range) }

  mutating func oneOf(_ items: String...) -> String { items[draw.number(0...items.count - 1)] }

  var yesOrNo: String {
    mutating get { oneOf("yes", "no") }
  }

  /// A number of channels: few, or such that kernels fill whole vectors.
  var channels: Int {
    mutating get { [1, 2, 3, 5, 16][draw.number(0...4)] }
  }

  /// `3`, or `3x2`.
  mutating func extent(_ range: ClosedRange<Int>) -> String {
    let (height, width) = (number(range), number(range))
    return draw.number(0...1) == 0 || height == width ? "\(height)" : "\(height)x\(width)"
  }

  mutating func image(examples: ClosedRange<Int> = 1...3) -> Shape {
    [number(examples), number(2...6), number(2...6), number(1...4)]
  }

  /// An image of one row.
  mutating func signal() -> Shape { [number(1...3), 1, number(2...14), number(1...4)] }

  /// `form`, such as `pool(2,2)` or `bn`, with options.
  mutating func layer(
    _ form: String, on input: Shape, options: (inout SpecimenDraw) -> [String]
  ) -> LayerKind.Specimen {
    let options = options(&self).joined(separator: ",")
    let notation =
      form.hasSuffix(")") ? "\(form.dropLast()),\(options))" : "\(form)(\(options))"
    return LayerKind.Specimen(notation: notation, input: input)
  }
}
