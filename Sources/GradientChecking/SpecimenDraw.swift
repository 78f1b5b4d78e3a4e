import Tensors

/// Draws the parts of a specimen.
struct SpecimenDraw {
  private var draw: Draw

  init(_ draw: Draw) { self.draw = draw }

  mutating func number(_ range: ClosedRange<Int>) -> Int { draw.number(range) }

  mutating func oneOf(_ items: String...) -> String { items[draw.number(0...items.count - 1)] }

  var yesOrNo: String {
    mutating get { oneOf("yes", "no") }
  }

  /// A number of channels: small, or one that fills whole vectors.
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

  /// The shape of an image of one row.
  mutating func signal() -> Shape { [number(1...3), 1, number(2...14), number(1...4)] }

  /// The input of a convolution, its outputs and groups: in half of the draws one group, else up to four groups
  /// of the input's channels each.
  mutating func grouped(_ input: Shape) -> (input: Shape, outputs: Int, groups: Int) {
    guard number(0...1) == 1 else { return (input, channels, 1) }
    let groups = number(2...4)
    let array = input.array.dropLast() + [groups * input[3]]
    return (Shape(Array(array)), groups * channels, groups)
  }

  /// The notation `form`, such as `pool(2,2)` or `bn`, with drawn options.
  mutating func layer(
    _ form: String, on input: Shape, options: (inout SpecimenDraw) -> [String]
  ) -> Specimen {
    let options = options(&self).joined(separator: ",")
    let notation =
      form.hasSuffix(")") ? "\(form.dropLast()),\(options))" : "\(form)(\(options))"
    return Specimen(notation: notation, input: input)
  }
}
