/// A picture with its caption.
public enum HTMLFigure {
  /// - Parameter content: an image, a drawing or a table.
  public static func element(_ content: HTML, caption: HTML) -> HTML {
    "<figure>\n<div class=\"box\">\(content)</div>\n<figcaption>\(caption)</figcaption>\n</figure>\n"
  }

  /// A drawing with the colors of the page.
  static func element(_ drawing: Drawing, title: String, caption: HTML) -> HTML {
    element(HTML(markup: drawing.svgElement(title: title)), caption: caption)
  }
}
