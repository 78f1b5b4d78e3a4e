/// A picture with its caption.
public enum HTMLFigure {
  /// - Parameters:
  ///   - content: an image, a drawing or a table.
  ///   - isWide: true if it takes half of a row, not a third.
  public static func element(_ content: HTML, caption: HTML, isWide: Bool = false) -> HTML {
    let style: HTML = isWide ? " class=\"wide\"" : ""
    return """
      <figure\(style)>
      <div class="box">\(content)</div>
      <figcaption>\(caption)</figcaption>
      </figure>

      """
  }

  /// A drawing with the colors of the page.
  static func element(_ drawing: Drawing, title: String, caption: HTML) -> HTML {
    element(HTML(markup: drawing.svgElement(title: title)), caption: caption)
  }
}
