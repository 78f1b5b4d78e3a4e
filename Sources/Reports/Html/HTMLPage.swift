/// A whole page: one file that needs no other, no network and no script.
public struct HTMLPage: Sendable {
  /// A part of the page, with an entry in its table of contents.
  public struct Section: Sendable {
    /// The fragment of the section's address: letters, digits and hyphens.
    let name: String
    let title: String
    let content: HTML

    public init(_ name: String, _ title: String, _ content: HTML) {
      self.name = name
      self.title = title
      self.content = content
    }
  }

  private let title: String
  private let subtitle: HTML
  private let sections: [Section]
  private let script: HTML?

  /// - Parameters:
  ///   - subtitle: a line below the title.
  ///   - isSortable: true if a table of the page is sortable.
  public init(title: String, subtitle: HTML, sections: [Section], isSortable: Bool = false) {
    self.title = title
    self.subtitle = subtitle
    self.sections = sections
    script = isSortable ? HTML(markup: "<script>\n\(Self.sorting)</script>\n") : nil
  }

  /// The content of the file. Equal pages give equal text.
  public var text: String {
    let contents = sections.map { section -> HTML in
      "<li><a href=\"#\(section.name)\">\(section.title)</a></li>\n"
    }
    let parts = sections.map { section -> HTML in
      """
      <section id="\(section.name)">
      <h2>\(section.title)</h2>
      \(section.content)</section>

      """
    }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(HTML(markup: Self.style))</style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      <p>\(subtitle)</p>
      </header>
      <nav aria-label="Contents">
      <ul>
      \(contents)</ul>
      </nav>
      <main>
      \(parts)</main>
      \(script)</body>
      </html>

      """
    return page.text
  }

  /// Makes a button of each heading of a sortable table. Without scripts the headings stay as they are.
  private static let sorting = """
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
      heads.forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        button.onclick = () => {
          const isUp = head.getAttribute("aria-sort") === "ascending";
          heads.forEach(other => other.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", isUp ? "descending" : "ascending");
          const key = row => {
            const cell = row.cells[column];
            return "k" in cell.dataset ? +cell.dataset.k : cell.textContent;
          };
          const order = (a, b) => typeof a === "number" && typeof b === "number"
            ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
          const rows = [...body.rows].sort((a, b) => order(key(a), key(b)));
          body.append(...(isUp ? rows.reverse() : rows));
        };
      });
    }

    """
}
