import Terminal
import Training

extension ClassificationReport {
  /// The report as text: the accuracy with its interval, the loss, a row for each class, and the confusion
  /// matrix. If the matrix is wider than `width` columns, the most frequent confusions replace it.
  public func consoleText(width: Int = 100) -> String {
    let matrix = confusionTable
    let confusions =
      matrix.width <= width
      ? "confusion matrix (rows: true class, columns: predicted class)\n\n" + matrix.text
      : mostConfusedText(limit: 20)
    return [headline, classTable.text, confusions].joined(separator: "\n")
  }

  private var headline: String {
    let interval =
      "\(Format.percent(interval.lowerBound)) to \(Format.percent(interval.upperBound))"
    return """
      accuracy  \(Format.percent(accuracy))  (95% interval \(interval), \
      \(Format.count(correct)) of \(Format.counted(examples, "example")))
      loss      \(Format.fixed(loss, decimals: 4))

      """
  }

  private var classTable: TextTable {
    var table = TextTable([
      .init("class"), .init("precision", .right), .init("recall", .right), .init("F1", .right),
      .init("support", .right),
    ])
    for scores in classes {
      table.add([
        scores.name, Format.percent(scores.precision), Format.percent(scores.recall),
        Format.percent(scores.f1), Format.count(scores.support),
      ])
    }
    table.addRule()
    table.add([
      "macro average", Format.percent(macro.precision), Format.percent(macro.recall),
      Format.percent(macro.f1), Format.count(examples),
    ])
    return table
  }

  /// The headings of columns are class numbers. Rows also have the class name, unless it is the number.
  private var confusionTable: TextTable {
    let columns = classes.indices.map { TextTable.Column("\($0)", .right) }
    let namesAreNumbers = classes.indices.allSatisfy { classes[$0].name == "\($0)" }
    let headings: [TextTable.Column] =
      namesAreNumbers ? [.init("", .right)] : [.init("", .right), .init("")]
    var table = TextTable(headings + columns, rowHeadings: headings.count)
    for (index, row) in confusion.enumerated() {
      let heading = namesAreNumbers ? ["\(index)"] : ["\(index)", classes[index].name]
      table.add(heading + row.map { $0 == 0 ? "·" : Format.count($0) })
    }
    return table
  }

  /// The most frequent confusions of two classes, most frequent first. Ties are in the order of the classes.
  private func mostConfusedText(limit: Int) -> String {
    let pairs = confusions
    guard !pairs.isEmpty else { return "no example is taken for another class\n" }
    var table = TextTable([.init("true class"), .init("taken for"), .init("examples", .right)])
    for pair in pairs.prefix(limit) {
      table.add([classes[pair.label].name, classes[pair.prediction].name, Format.count(pair.count)])
    }
    return "most frequent confusions\n\n" + table.text
  }
}
