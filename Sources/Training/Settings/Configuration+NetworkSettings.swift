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
        } catch {
          throw SettingError(
            key: "arch", problem: "position \(error.position), \(error.layer): \(error.problem)",
            found: nil, expected: error.expected)
        }
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
      .network, "How initial values are drawn: he (for ReLU) or pytorch (as its layers do).",
      words: { Initialization.allCases.map(\.rawValue) }),
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
      words: { ["auto", "winograd", "winograd-rows", "direct", "im2row", "circulant"] }),
  ]
}
