import Layers

/// The sizes of the training images over a run (progressive resizing): `24:3 28:3 32:3` trains for
/// 3 epochs on images of 24×24, for 3 epochs on images of 28×28, and to the end on images of 32×32.
///
/// Images are resized after augmentation. Validation and test use the images as they are. The cost
/// of an epoch follows the area of its images.
public struct ImageSizes: Equatable, Sendable, CustomStringConvertible {
  private struct Part: Equatable, Sendable {
    /// The height in pixels.
    let side: Int
    let epochs: Int
  }

  private let parts: [Part]

  static let forms = "heights with a number of epochs, such as 24:3 28:3 32:3"

  init?(_ text: String) {
    let words = text.split(whereSeparator: \.isWhitespace)
    var parts: [Part] = []
    for word in words {
      let sides = word.split(separator: ":", omittingEmptySubsequences: false)
      guard sides.count == 2, let side = Int(sides[0]), let epochs = Int(sides[1]),
        (1...1024).contains(side), (1...1_000_000).contains(epochs)
      else { return nil }
      parts.append(Part(side: side, epochs: epochs))
    }
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  public var description: String {
    parts.map { "\($0.side):\($0.epochs)" }.joined(separator: " ")
  }

  /// All heights, in order.
  var sides: [Int] { parts.map(\.side) }

  /// The height of the images of an epoch, from 0. The last size stays to the end.
  func side(ofEpoch epoch: Int) -> Int {
    var end = 0
    for part in parts {
      end += part.epochs
      if epoch < end { return part.side }
    }
    return parts[parts.count - 1].side
  }
}

extension Sequential {
  /// The same layers, with the same parameters, for images of another height. The width changes in
  /// proportion.
  ///
  /// - Throws: `ShapeError` if a layer takes inputs of one size only.
  func forImages(ofHeight side: Int) throws(ShapeError) -> Sequential {
    let (height, width) = (inputShape[1], inputShape[2])
    guard side != height else { return self }
    return try Sequential(
      layers, inputShape: [1, side, max(1, side * width / height), inputShape[3]])
  }
}

extension Configuration {
  /// - Throws: ``SettingError`` if the network takes images of one size only.
  func checkImageSizes(of network: Sequential) throws(SettingError) {
    for side in imageSizes?.sides ?? [] {
      do throws(ShapeError) {
        guard try network.forImages(ofHeight: side).outputShape == network.outputShape else {
          throw ShapeError(
            layer: "the network", expected: "\(network.outputShape)", found: network.outputShape)
        }
      } catch {
        throw SettingError(
          key: "image-sizes", problem: "\(error.layer) takes images of one size only",
          found: "\(side)", expected: "a network that ends in globalmax or globalavg, and fc")
      }
    }
  }
}
