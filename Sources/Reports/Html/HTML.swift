/// A piece of an HTML page. Text that is interpolated is escaped; HTML that is interpolated is not.
///
///     let cell: HTML = "<td>\(name)</td>"      a name `<b>` gives <td>&lt;b&gt;</td>
///
/// Names come from a user's folders, so only this type's literals contain markup.
public struct HTML: Equatable, Sendable, ExpressibleByStringInterpolation {
  public var text: String

  public init(stringLiteral value: String) { text = value }

  /// Markup that is made elsewhere, such as a drawing.
  init(markup: String) { text = markup }

  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { text += literal }
    public mutating func appendInterpolation(_ value: String) { text += value.escapedForXML }
    public mutating func appendInterpolation(_ value: Int) { text += String(value) }
    public mutating func appendInterpolation(_ value: HTML) { text += value.text }
    public mutating func appendInterpolation(_ values: [HTML]) {
      for value in values { text += value.text }
    }
    /// Nil gives no text.
    public mutating func appendInterpolation(_ value: HTML?) { text += value?.text ?? "" }
  }

  public static func + (a: HTML, b: HTML) -> HTML { HTML(markup: a.text + b.text) }
}

extension [HTML] {
  /// All pieces, with `separator` between them.
  public func joined(separator: HTML = "") -> HTML {
    HTML(markup: map(\.text).joined(separator: separator.text))
  }
}
