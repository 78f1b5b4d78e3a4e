import Files
import Terminal
import Training

/// The classes of one image, the most probable first.
struct Prediction {
  /// The image's path, or `-`.
  let image: String
  let classes: [Model.RankedClass]
  /// True if the greatest probability is below the threshold.
  let isUnsure: Bool
  /// True if the image was prepared as a digit.
  let isPrepared: Bool

  init(
    _ image: String, _ classes: [Model.RankedClass], threshold: Float, isPrepared: Bool
  ) {
    self.image = image
    self.classes = classes
    self.isPrepared = isPrepared
    isUnsure = classes[0].probability < threshold
  }

  var json: CanonicalJSON {
    [
      "image": .string(image), "class": .string(classes[0].name),
      "probability": .float(classes[0].probability), "unsure": .boolean(isUnsure),
      "prepared": .boolean(isPrepared),
      "top": .array(
        classes.map {
          ["class": .string($0.name), "probability": .float($0.probability)]
        }),
    ]
  }

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
