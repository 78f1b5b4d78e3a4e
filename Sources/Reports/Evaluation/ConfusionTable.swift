import Terminal
import Training

/// A confusion matrix as a table with colored cells, each with a link to its images.
struct ConfusionTable {
  private let result: ClassificationResult
  private let gallery: ExampleGallery
  private let content: ConfusionSheet.Content
  private var report: ClassificationReport { result.report }

  /// From this number of classes on, cells are small.
  private static let dense = 21

  init(
    _ result: ClassificationResult, _ gallery: ExampleGallery, content: ConfusionSheet.Content
  ) {
    self.result = result
    self.gallery = gallery
    self.content = content
  }

  var element: HTML {
    let labels = report.classes.indices
    let namesAreNumbers = labels.allSatisfy { result.name($0) == "\($0)" }
    let heads = labels.map { label -> HTML in
      namesAreNumbers
        ? "<th scope=\"col\">\(label)</th>"
        : "<th scope=\"col\"><abbr title=\"\(result.name(label))\">\(label)</abbr></th>"
    }
    let rows = labels.map { label -> HTML in
      let name = ReportText.shortened(result.name(label), to: 24)
      let cells = labels.map { cell(label, $0) }
      return
        "<tr><th scope=\"row\">\(namesAreNumbers ? name : "\(name) \(label)")</th>\(cells)</tr>\n"
    }
    let caption: HTML = content == .counts ? "Examples" : "Percent of each row"
    let style: HTML = labels.count >= Self.dense ? "matrix dense" : "matrix"
    return """
      <div class="box" tabindex="0" role="region" aria-label="Confusion matrix: \(caption)">
      <table class="\(style)">
      <caption>\(caption)</caption>
      <thead><tr><td></td>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>

      """
  }

  private func cell(_ label: Int, _ prediction: Int) -> HTML {
    let count = report.confusion[label][prediction]
    guard count > 0 else { return "<td></td>" }
    let share = report.share(label, prediction)
    let kind: HTML = label == prediction ? "r" : "w"
    let text = content == .counts ? Format.count(count) : ConfusionText.percent(share)
    let link: HTML =
      gallery.fragment(label, prediction).map { "<a href=\"#\($0)\">\(text)</a>" } ?? "\(text)"
    return "<td class=\"\(kind)\(HeatScale.step(of: share))\">\(link)</td>"
  }
}
