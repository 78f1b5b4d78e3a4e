/// The rules that a safetensors file is held to.
enum SafetensorsRules {
  /// Those of the format's own reader, and no key twice.
  case reference
  /// Those of files that this program writes: the header padded and without unknown fields, only `F32`,
  /// aligned data, and tensors listed in the order of their data.
  case strict

  /// The most bytes that a header may have.
  var headerLimit: Int {
    switch self {
    case .reference: SafetensorsFile.headerLimit
    case .strict: 1_048_576
    }
  }

  /// How many arrays and objects may lie within each other. An object of objects of arrays is three
  /// deep; unknown fields, which the format's reader ignores, may be deeper.
  var depthLimit: Int {
    switch self {
    case .reference: 127
    case .strict: 3
    }
  }
}
