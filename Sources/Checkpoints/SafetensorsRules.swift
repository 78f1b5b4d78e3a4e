/// The rules that a safetensors file must satisfy.
enum SafetensorsRules {
  /// The rules of the format's own reader; in addition no key may appear twice.
  case reference
  /// The rules for files that this program writes: a padded header without unknown fields, only
  /// `F32`, aligned data, and tensors listed in the order of their data.
  case strict

  /// The maximum size of a header in bytes.
  var headerLimit: Int {
    switch self {
    case .reference: SafetensorsFile.headerLimit
    case .strict: 1_048_576
    }
  }

  /// The maximum number of values in a header, nested ones included. A tensor has about ten, and a header
  /// of 100 MB with values of two bytes each would take gigabytes of memory.
  var valueLimit: Int { 1_000_000 }

  /// The maximum number of nested arrays and objects. An object of objects of arrays has depth
  /// three. Unknown fields, which the format's reader ignores, may be deeper.
  var depthLimit: Int {
    switch self {
    case .reference: 127
    case .strict: 3
    }
  }
}
