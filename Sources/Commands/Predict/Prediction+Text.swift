import Terminal
import Training

/// Predictions as CSV and as a table.
extension Prediction {
  static func csvHeader(count: Int) -> String {
    "image,unsure"
      + (1...count).map { $0 == 1 ? ",class,probability" : ",class\($0),probability\($0)" }.joined()
      + "\n"
  }

  var csv: String {
    ([image, isUnsure ? "true" : "false"]
      + classes.flatMap { [$0.name, "\($0.probability)"] })
      .map(Self.csvField).joined(separator: ",") + "\n"
  }

  /// A field of CSV, in quotes if needed (RFC 4180).
  private static func csvField(_ text: String) -> String {
    guard text.utf8.contains(where: { "\",\n\r".utf8.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// The predictions as a table.
  static func table(_ predictions: [Prediction], count: Int) -> String {
    let marks = predictions.contains(where: \.isUnsure)
    var columns: [TextTable.Column] = [.init("image")]
    for place in 1...count {
      columns.append(
        .init(place == 1 ? "class" : place == 2 ? "2nd" : place == 3 ? "3rd" : "\(place)th"))
      columns.append(.init("", .right))
    }
    if marks { columns.append(.init("")) }
    var table = TextTable(columns)
    for prediction in predictions {
      var cells = [prediction.image]
      for ranked in prediction.classes {
        cells += [ranked.name, Format.percent(Double(ranked.probability), decimals: 1)]
      }
      if marks { cells.append(prediction.isUnsure ? "unsure" : "") }
      table.add(cells)
    }
    return table.text
  }
}
