/// Writes a layer in its shortest notation: `conv(16,5,stride=2)`.
package struct CanonicalText {
  private let word: String
  private var arguments: [String]

  package init(_ word: String, _ arguments: any NotationValue...) {
    self.word = word
    self.arguments = arguments.map(\.notation)
  }

  /// Appends an argument unless it has the default value.
  package func argument<Value: NotationValue & Equatable>(
    _ value: Value, unless standard: Value
  ) -> CanonicalText {
    value == standard ? self : adding(value.notation)
  }

  /// Appends an option unless it has the default value.
  package func option<Value: NotationValue & Equatable>(
    _ key: String, _ value: Value, unless standard: Value
  ) -> CanonicalText {
    value == standard ? self : adding("\(key)=\(value.notation)")
  }

  package var text: String {
    arguments.isEmpty ? word : "\(word)(\(arguments.joined(separator: ",")))"
  }

  private func adding(_ argument: String) -> CanonicalText {
    var copy = self
    copy.arguments.append(argument)
    return copy
  }
}

/// A value that the notation can write.
package protocol NotationValue {
  var notation: String { get }
}

extension String: NotationValue {
  package var notation: String { self }
}

extension Int: NotationValue {
  package var notation: String { "\(self)" }
}

extension Bool: NotationValue {
  package var notation: String { self ? "yes" : "no" }
}

extension Double: NotationValue {
  /// The shortest decimal that reads back to the same number.
  package var notation: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Extent2D: NotationValue {
  package var notation: String { height == width ? "\(height)" : "\(height)x\(width)" }
}

extension Padding: NotationValue {
  package var notation: String {
    switch self {
    case .same: "same"
    case .valid: "valid"
    case .explicit(let extent): extent.notation
    }
  }
}
