/// A table of a page, in a box of its own that scrolls if the page is too narrow.
public struct HTMLTable: Sendable {
  public struct Column: Sendable {
    let name: HTML
    let isNumber: Bool

    /// - Parameter isNumber: true to align to the right.
    public init(_ name: HTML, isNumber: Bool = false) {
      self.name = name
      self.isNumber = isNumber
    }
  }

  public struct Cell: Sendable, ExpressibleByStringInterpolation {
    let content: HTML
    /// The number that a reader sorts by, if it is not the text.
    let key: Double?

    public init(_ content: HTML, key: Double? = nil) {
      self.content = content
      self.key = key
    }

    public init(stringLiteral value: String) { self.init(HTML(stringLiteral: value)) }
    public init(stringInterpolation: HTML.StringInterpolation) {
      self.init(HTML(stringInterpolation: stringInterpolation))
    }
  }

  private let caption: HTML
  private let columns: [Column]
  private let isSortable: Bool
  private var rows: [HTML] = []
  private var footer: HTML?

  /// - Parameter isSortable: true if a reader whose browser runs scripts may sort the rows by a column.
  public init(caption: HTML, _ columns: [Column], isSortable: Bool = false) {
    self.caption = caption
    self.columns = columns
    self.isSortable = isSortable
  }

  /// Adds a row; its first cell is its heading.
  public mutating func add(_ cells: [Cell]) { rows.append(row(cells)) }

  /// Sets the last row, which is not sorted.
  public mutating func setFooter(_ cells: [Cell]) { footer = row(cells) }

  private func row(_ cells: [Cell]) -> HTML {
    precondition(cells.count == columns.count, "\(cells.count) cells of \(columns.count) columns")
    let texts = zip(columns, cells).enumerated().map { place, pair -> HTML in
      let (column, cell) = pair
      let style: HTML = column.isNumber ? " class=\"n\"" : ""
      let key: HTML? = isSortable ? cell.key.map { " data-k=\"\("\($0)")\"" } : nil
      return place == 0
        ? "<th scope=\"row\"\(style)\(key)>\(cell.content)</th>"
        : "<td\(style)\(key)>\(cell.content)</td>"
    }
    return "<tr>\(texts)</tr>\n"
  }

  public var element: HTML {
    let heads = columns.map { column -> HTML in
      let style: HTML = column.isNumber ? " class=\"n\"" : ""
      return "<th scope=\"col\"\(style)>\(column.name)</th>"
    }
    let style: HTML = isSortable ? " class=\"sortable\"" : ""
    let foot: HTML? = footer.map { "<tfoot>\n\($0)</tfoot>\n" }
    return """
      <div class="box" tabindex="0" role="region" aria-label="\(HTML(markup: caption.withoutTags))">
      <table\(style)>
      <caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody>
      \(foot)</table>
      </div>

      """
  }
}

extension HTML {
  /// The text without elements, for an attribute.
  var withoutTags: String {
    var isInside = false
    return String(
      text.filter { character in
        if character == "<" { isInside = true }
        defer { if character == ">" { isInside = false } }
        return !isInside
      })
  }
}
