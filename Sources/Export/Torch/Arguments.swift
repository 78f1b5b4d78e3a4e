import Layers

/// The arguments of a call in Python: `16, 32, 5, stride=2`. Options that have PyTorch's defaults are
/// left out.
struct Arguments {
  private var items: [String]

  init(_ numbers: Int...) { items = numbers.map(String.init) }

  var text: String { items.joined(separator: ", ") }
  var isEmpty: Bool { items.isEmpty }

  mutating func add(_ key: String, _ value: any CustomStringConvertible) {
    items.append("\(key)=\(value)")
  }

  mutating func flag(_ key: String, _ value: Bool, unless standard: Bool) {
    if value != standard { add(key, value ? "True" : "False") }
  }

  mutating func real(_ key: String, _ value: Double, unless standard: Double) {
    if value != standard { add(key, value) }
  }

  /// - `ofSignal`: true to write only the width.
  mutating func extent(_ extent: Extent2D, ofSignal: Bool = false) {
    items.append(Self.text(extent, ofSignal))
  }

  mutating func extent(
    _ key: String, _ extent: Extent2D, unless standard: Extent2D?, ofSignal: Bool = false
  ) {
    let extent = ofSignal ? Extent2D(extent.width) : extent
    if extent != standard { add(key, Self.text(extent, ofSignal)) }
  }

  private static func text(_ extent: Extent2D, _ ofSignal: Bool) -> String {
    ofSignal || extent.height == extent.width
      ? "\(extent.width)" : "(\(extent.height), \(extent.width))"
  }

  /// The arguments of a pooling function behind its input.
  static func pooling(
    _ size: Extent2D, _ stride: Extent2D, _ padding: Extent2D, _ ceilMode: Bool, ofSignal: Bool
  ) -> Arguments {
    var arguments = Arguments()
    arguments.extent(size, ofSignal: ofSignal)
    if stride != size { arguments.extent(stride, ofSignal: ofSignal) }
    arguments.extent("padding", padding, unless: 0, ofSignal: ofSignal)
    arguments.flag("ceil_mode", ceilMode, unless: false)
    return arguments
  }
}
