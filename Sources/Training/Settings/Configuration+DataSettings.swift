import Datasets

extension Configuration {
  /// The settings of the data and its preparation.
  static let dataSettings: [Setting] = [
    .value(
      "dataset", \.dataset, expected: "one of \(Dataset.names.joined(separator: ", "))",
      text: { $0 }, parse: { Dataset.names.contains($0) ? $0 : nil }
    )
    .flag(
      .data, "The data set: a name of `datasets list`, or folder for PNG and JPEG files.",
      words: { Dataset.names }),
    .integer("image-size", \.imageSize, in: 1...1024)
      .flag(.data, "Width and height to which the images of --dataset folder are resized."),
    .value(
      "background", \.background, expected: "white, black, or a value from 0 to 255",
      text: { $0 == ImageOptions.defaultBackground ? nil : "\($0)" },
      parse: { ["white": 255, "black": 0][$0] ?? UInt8($0) }
    )
    .flag(
      .data,
      "What shows through transparent images of --dataset folder: white, black, or a gray value from 0 to 255.",
      value: "white|black|value", words: { ["white", "black"] }),
    .integer("val-split", \.validationCount, in: 0...1_000_000_000)
      .flag(.data, "Training examples to keep for validation."),
    .integer("limit-train", \.trainingLimit, in: 1...1_000_000_000)
      .flag(.data, "Train on this many of the remaining examples only."),
    .integer("limit-test", \.testLimit, in: 1...1_000_000_000)
      .flag(.data, "Test on this many examples only."),
    .integer("overfit-batches", \.overfitBatches, in: 1...1_000_000)
      .flag(
        .data, "Train and validate on the first batches only, to see that the network can learn.",
        value: "batches"),
    .value(
      "sampler", \.sampler,
      expected: "one of \(Sampler.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Sampler(rawValue: $0) }
    )
    .flag(
      .data, "uniform: each example once an epoch; weighted: all classes equally often.",
      words: { Sampler.allCases.map(\.rawValue) }),
    Setting(
      "augment", get: { $0.augmentation.isEmpty ? nil : $0.augmentation.description },
      set: { (configuration, found) throws(SettingError) in
        do throws(AugmentationError) {
          configuration.augmentation = try Augmentation(found)
        } catch {
          throw SettingError(
            key: "augment", problem: "position \(error.position), \(error.step): \(error.problem)",
            found: nil, expected: error.expected)
        }
      }
    )
    .flag(
      .data, "Random changes of the training images: \"altflip translate(2) cutout(8)\".",
      value: "steps"),
    .numbers(
      "mean", \.mean,
      expected: "a number for all channels or one for each, such as 0.5 or 0.4,0.5,0.4",
      isValid: { Float($0).isFinite }
    )
    .flag(.data, "The mean of each channel, of pixels scaled to 0…1."),
    .numbers(
      "std", \.std, expected: "a number above 0 for all channels or one for each",
      isValid: { Float($0) > 0 && Float($0).isFinite }
    )
    .flag(.data, "The standard deviation of each channel, of pixels scaled to 0…1."),
    .boolean("shuffle", \.shuffles)
      .flag(.data, "Take the examples in the order of the files."),
  ]
}
