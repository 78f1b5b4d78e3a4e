import Terminal

/// The sections of the page about an autoencoder.
struct ReconstructionSections {
  private let result: ReconstructionResult
  private let lossName: String
  private let pictures: [EvaluationReport.Picture]

  init(_ result: ReconstructionResult, lossName: String, _ pictures: [EvaluationReport.Picture]) {
    self.result = result
    self.lossName = lossName
    self.pictures = pictures
  }

  var all: [HTMLPage.Section] {
    get throws(PNGError) {
      [
        .init("reconstructions", "Reconstructions", try reconstructions),
        .init("worst", "The worst reconstructions", try worst),
      ]
    }
  }

  private var reconstructions: HTML {
    get throws(PNGError) {
      var table = HTMLTable(
        caption: "Loss of each class",
        [
          .init("class"), .init("\(lossName)", isNumber: true), .init("examples", isNumber: true),
        ], isSortable: true)
      for row in result.report.classes {
        table.add([
          "\(row.name)",
          .init("\(Format.significant(row.loss, digits: 4))", key: row.loss),
          .init("\(Format.count(row.support))", key: Double(row.support)),
        ])
      }
      return try HTMLPictures.figure("reconstructions.png", of: pictures) + table.element
    }
  }

  private var worst: HTML {
    get throws(PNGError) {
      var cards: [HTML] = []
      for example in result.worst { cards.append(try card(example)) }
      let count = result.worst.count
      return """
        <p class="note">The \(count == 1 ? "example" : "\(count) examples") of the largest loss, each beside \
        its reconstruction. The index counts the examples of the split from 0.</p>
        <ol class="cards">
        \(cards)</ol>

        """
    }
  }

  private func card(_ example: ReconstructionResult.Example) throws(PNGError) -> HTML {
    let name = result.report.classes[example.label].name
    let place = ReportText.place(example.index, example.file)
    var images: [HTML] = []
    for (raster, text) in [
      (example.original, "Example \(place): \(name)"),
      (example.reconstruction, "The reconstruction of example \(place)"),
    ] {
      let raster = raster.reduced(toSide: 70)
      let factor = max(1, 70 / max(raster.width, raster.height))
      images.append(
        try HTMLImage(raster).element(
          alternative: text, factor: Double(factor), isSharp: factor > 1))
    }
    return """
      <li><span class="pair">\(images)</span><strong>\(name)</strong>
      <small class="note">index \(place), \(lossName) \
      \(Format.significant(example.loss, digits: 3))</small></li>

      """
  }
}
