/// The header fields of a message, in order. Names are compared without regard to case.
public struct HTTPHeaders: Sendable {
  private var fields: [(name: String, value: String)] = []

  public init() {}

  /// Adds a field; `name` must be in lower case.
  mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }

  /// The value of the first field called `name`, which is in lower case.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The values of all fields called `name`, which is in lower case.
  public func all(_ name: String) -> [String] {
    fields.filter { $0.name == name }.map(\.value)
  }

  /// True if the comma-separated value of a field called `name` contains `token`, in any case.
  func contains(_ token: String, in name: String) -> Bool {
    all(name).contains { value in
      value.split(separator: ",").contains {
        $0.trimmed.lowercased() == token
      }
    }
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  var trimmed: Substring {
    var text = self
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text.removeFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text.removeLast() }
    return text
  }
}
