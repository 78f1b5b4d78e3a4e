/// The result of an epoch as one line, which a terminal shows without a break.
public struct EpochLine {
  /// A loss and an accuracy.
  public struct Figures {
    /// The name of the loss: `loss` beside an accuracy, or `mse` alone.
    let name: String
    let loss: String
    /// Nil for an autoencoder.
    let accuracy: String?

    /// The figures of a classifier.
    public init(loss: Double, accuracy: Double) {
      name = "loss"
      self.loss = Format.fixed(loss, decimals: 4)
      self.accuracy = Format.percent(accuracy)
    }

    /// The figure of an autoencoder, with the name of its loss.
    public init(_ name: String, _ loss: Double) {
      self.name = name
      self.loss = Format.significant(loss, digits: 4)
      accuracy = nil
    }

    /// `loss 0.0312, accuracy 98.91%`
    public var text: String { "\(name) \(loss)" + (accuracy.map { ", accuracy \($0)" } ?? "") }

    /// `loss 0.0312, 98.91%`
    fileprivate var short: String { "\(name) \(loss)" + (accuracy.map { ", \($0)" } ?? "") }

    /// `0.0312 98.91%`
    fileprivate var numbers: String { loss + (accuracy.map { " \($0)" } ?? "") }
  }

  private let epoch: Int
  private let train: Figures
  private let validation: Figures?
  private let isBest: Bool
  private let imagesPerSecond: Double

  /// - Parameters:
  ///   - epoch: the epoch, from 1.
  ///   - validation: nil without a validation split.
  public init(
    epoch: Int, train: Figures, validation: Figures?, isBest: Bool, imagesPerSecond: Double
  ) {
    self.epoch = epoch
    self.train = train
    self.validation = validation
    self.isBest = isBest
    self.imagesPerSecond = imagesPerSecond
  }

  /// The longest form of at most `width` columns; the whole line without a width.
  ///
  ///     epoch 3: train loss 0.0312, accuracy 98.91%; validation loss 0.0401, accuracy …; 1,234 images/s
  ///     epoch 3: train loss 0.0312, 98.91%; validation loss 0.0401, 98.73% (best)
  ///     epoch 3: 0.0312 98.91%; 0.0401 98.73%*
  public func text(width: Int?) -> String {
    let forms = forms
    guard let width, forms[0].terminalWidth > width else { return forms[0] }
    return forms.first { $0.terminalWidth <= width }
      ?? forms[forms.count - 1].prefix(terminalWidth: max(0, width))
  }

  /// All forms, from the longest to the shortest.
  private var forms: [String] {
    let rate = "; \(Format.rate(imagesPerSecond, of: "images"))"
    let best = isBest ? " (best)" : ""
    guard let validation else {
      return [
        "epoch \(epoch): train \(train.text)\(rate)", "epoch \(epoch): train \(train.text)",
        "epoch \(epoch): train \(train.short)", "epoch \(epoch): \(train.numbers)",
        "\(epoch): \(train.numbers)",
      ]
    }
    return [
      "epoch \(epoch): train \(train.text); validation \(validation.text)\(best)\(rate)",
      "epoch \(epoch): train \(train.text); validation \(validation.text)\(best)",
      "epoch \(epoch): train \(train.short); validation \(validation.short)\(best)\(rate)",
      "epoch \(epoch): train \(train.short); validation \(validation.short)\(best)",
      "epoch \(epoch): train \(train.numbers); validation \(validation.numbers)\(best)",
      "epoch \(epoch): \(train.numbers); \(validation.numbers)\(isBest ? "*" : "")",
      "epoch \(epoch): \(validation.numbers)\(isBest ? "*" : "")",
      "\(epoch): \(validation.numbers)\(isBest ? "*" : "")",
    ]
  }
}
