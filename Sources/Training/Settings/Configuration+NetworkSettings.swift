import Datasets
import Layers
import Networks

extension Configuration {
  /// The settings of the network, its initial values and algorithms.
  static let networkSettings: [Setting] = [
    Setting(
      "model",
      get: { if case .named(let model)? = $0.network { model.name } else { nil } },
      set: { (configuration, found) throws(SettingError) in
        guard let model = NamedModel.named(found) else {
          let names = NamedModel.all.map(\.name).joined(separator: ", ")
          throw SettingError(key: "model", found: found, expected: "one of \(names)")
        }
        configuration.network = .named(model)
      }
    )
    .flag(
      .network, "A model by name: \(NamedModel.all.map(\.name).joined(separator: ", ")).",
      words: { NamedModel.all.map(\.name) }),
    Setting(
      "arch",
      get: { if case .notation(let layers)? = $0.network { layers.canonical } else { nil } },
      set: { (configuration, found) throws(SettingError) in
        do throws(NotationError) {
          configuration.network = .notation(try Architecture(found))
        } catch { throw SettingError("arch", error) }
      }
    )
    .flag(
      .network, "A network in the course's notation: \"conv(16,5) relu pool(3,2) fc(classes)\".",
      words: { Architecture.completionWords }),
    .value(
      "decoder", \.decoder,
      expected: "one of \(Decoder.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0?.rawValue }, parse: { Decoder(rawValue: $0).map { .some($0) } }
    )
    .flag(
      .network, "How the decoder of the model autoencoder enlarges images: transposed or bilinear.",
      words: { Decoder.allCases.map(\.rawValue) }),
    .value(
      "freeze", \.frozenLayers, expected: FrozenLayers.forms, text: { $0?.description },
      parse: { FrozenLayers($0).map { .some($0) } }
    )
    .flag(
      .network, "Layers that keep their values: \(FrozenLayers.forms).", value: "layers",
      words: { ["all-but-head"] }),
    .value(
      "init-scheme", \.initialization,
      expected: "one of \(Initialization.allCases.map(\.rawValue).joined(separator: ", "))",
      text: { $0.rawValue }, parse: { Initialization(rawValue: $0) }
    )
    .flag(
      .network, "Initial values: he (for ReLU), pytorch, or dirac (identity filters).",
      words: { Initialization.allCases.map(\.rawValue) }),
    .value(
      "head-std", \.headStd, expected: "a number above 0", text: { $0.map { "\($0)" } },
      parse: { Double($0).flatMap { $0.isFinite && $0 > 0 ? .some($0) : nil } }
    )
    .flag(
      .network, "The standard deviation to which the last layer's initial weights are scaled.",
      value: "number"),
    .integer("whiten", \.whiteningImages, in: 1...1_000_000)
      .flag(
        .network,
        "Training images from which the first convolution's filters are computed, to whiten patches.",
        value: "images"),
    .value(
      "train-for", \.briefTraining, expected: BriefTraining.forms, text: { $0?.description },
      parse: { BriefTraining($0).map { .some($0) } }
    )
    .flag(
      .network, "Parameters that are trained for the first epochs only: conv1.bias=3.",
      value: "epochs"),
    .value(
      "image-sizes", \.imageSizes, expected: ImageSizes.forms, text: { $0?.description },
      parse: { ImageSizes($0).map { .some($0) } }
    )
    .flag(
      .network,
      "Sizes of the training images and epochs of each, the last to the end: \"24:3 28:3 32:3\".",
      value: "sizes"),
    Setting(
      "conv-algorithm", get: { $0.convolutionAlgorithms.description },
      set: { (configuration, found) throws(SettingError) in
        do throws(ConvolutionChoiceError) {
          configuration.convolutionAlgorithms = try ConvolutionChoice(found)
        } catch { throw SettingError(error) }
      }
    )
    .flag(
      .network, "The algorithm of convolutions: \(ConvolutionChoice.forms).", value: "choice",
      words: { ["auto"] + ConvolutionAlgorithms.names }),
  ]
}
