import Terminal

extension ClassificationResult {
  /// A picture of the mistakes of the largest loss, each with its true class and its three most probable
  /// classes; nil without mistakes.
  public func worstSheet(_ count: Int) -> Raster? {
    let places = Array(mistakes.prefix(count))
    return places.isEmpty || !hasPictures ? nil : MistakeSheet(self, places: places).raster
  }

  /// The same mistakes as CSV: index in the split, the file of the image if it has one, numbers of the true and the predicted class, loss, and
  /// probability of the predicted class.
  public func worstCSV(_ count: Int) -> String {
    "index,\(fileNames == nil ? "" : "file,")true,predicted,loss,probability\n"
      + mistakes.prefix(count).map { place in
        "\(examples.indices[place]),"
          + (file(place).map { "\(CSVField.path($0))," } ?? "")
          + "\(examples.labels[place]),\(examples.predictions[place]),"
          + "\(examples.losses[place]),\(examples.confidences[place])\n"
      }.joined()
  }
}

extension ScatterPlot {
  /// The points as CSV: index in the split, numbers of the true and the predicted class, and columns.
  ///
  /// - Parameter predictions: nil for an autoencoder; the column is empty.
  public static func csv(
    indices: [Int], labels: [Int], predictions: [Int]?, columns: [(name: String, values: [Double])]
  ) -> String {
    "index,true,predicted," + columns.map(\.name).joined(separator: ",") + "\n"
      + indices.indices.map { row in
        "\(indices[row]),\(labels[row]),\(predictions.map { "\($0[row])" } ?? ""),"
          + columns.map { "\($0.values[row])" }.joined(separator: ",") + "\n"
      }.joined()
  }
}
