import Testing

@testable import Datasets

/// Mixup and CutMix combine images and labels of two examples.
@Suite struct MixingTests {
  /// The moments of Beta(α, α): mean ½, variance 1/(4(2α + 1)).
  @Test(arguments: ["0.1", "0.2", "1", "2"])
  func sharesAreDrawnFromBeta(_ alpha: String) throws {
    let augmenter = try Augmenter("mixup(\(alpha))", of: .plain(40, 1, 1, 0), seed: 9)
    let draws = 20_000
    let shares = (0..<draws).map { Double(augmenter.image($0 % 40, $0 / 40).label.share) }
    let variance = 1 / (4 * (2 * Double(alpha)! + 1))
    let mean = shares.reduce(0, +) / Double(draws)
    #expect(abs(mean - 0.5) < 5 * (variance / Double(draws)).squareRoot(), "\(mean)")
    let found = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(draws)
    // The std of a square is at most a quarter.
    #expect(abs(found - variance) < 5 * 0.25 / Double(draws).squareRoot(), "\(found)")
    #expect(shares.allSatisfy { (0...1).contains($0) })
  }

  /// The pixels of each image are its class's number, so pixel and share must agree.
  @Test func mixupMixesImagesAsItMixesLabels() throws {
    let images = ImageSet(
      height: 1, width: 2, channels: 1, classes: 10,
      pixels: (0..<10).flatMap { [UInt8($0 * 20), UInt8(255 - $0 * 20)] }, labels: Array(0..<10))
    let augmenter = try Augmenter("mixup(1)", of: images)
    var partners = [Int](repeating: 0, count: 10)
    for draw in 0..<4_000 {
      let (bytes, label) = augmenter.image(draw % 10, draw / 10)
      #expect(Int(label.label) == draw % 10)
      partners[Int(label.other)] += 1
      let share = Double(label.share)
      let mixed = share * Double(label.label) * 20 + (1 - share) * Double(label.other) * 20
      #expect(abs(Double(bytes[0]) - mixed) <= 0.5)
      #expect(abs(Double(bytes[1]) - (255 - mixed)) <= 0.5)
    }
    #expect(partners.allSatisfy { abs($0 - 400) < 100 }, "\(partners)")
  }

  /// The share is the fraction of the image's own pixels.
  @Test func cutmixCountsItsPixels() throws {
    let images = ImageSet(
      height: 12, width: 9, channels: 1, classes: 10,
      pixels: (0..<10).flatMap { [UInt8](repeating: UInt8($0), count: 108) }, labels: Array(0..<10))
    let augmenter = try Augmenter("cutmix(1)", of: images)
    var sum = 0.0
    for draw in 0..<4_000 {
      let (bytes, label) = augmenter.image(draw % 10, draw / 10)
      sum += Double(label.share)
      guard label.other != label.label else { continue }
      let strange = bytes.indices.filter { bytes[$0] != UInt8(label.label) }
      #expect(strange.allSatisfy { bytes[$0] == UInt8(label.other) })
      #expect(label.share == Float(108 - strange.count) / 108)
      let (rows, columns) = (Set(strange.map { $0 / 9 }), Set(strange.map { $0 % 9 }))
      #expect(rows.count * columns.count == strange.count)
    }
    // The box covers ½ of the image in the mean before clipping.
    #expect(sum / 4_000 > 0.55 && sum / 4_000 < 0.8, "\(sum / 4_000)")
  }

  /// The partner is augmented too; steps after the mixing change the mixed image.
  @Test func partnersAreAugmentedToo() throws {
    let images = ImageSet.random(10, 8, 8)
    let plain = try Augmenter("altflip translate(2)", of: images)
    let mixed = try Augmenter("altflip translate(2) mixup(1)", of: images)
    let later = try Augmenter("altflip translate(2) mixup(1) flip(1)", of: images)
    for draw in 0..<200 {
      let (bytes, label) = mixed.image(draw % 10, draw / 10)
      let own = plain.bytes(draw % 10, draw / 10)
      let other = plain.bytes(Int(label.other), draw / 10)
      let expected = SmallImage(8, 8, own).changed { image, _ in
        image.mix(with: other, share: Int(label.share * 65_536))
      }
      #expect(bytes == expected)
      #expect(
        later.bytes(draw % 10, draw / 10)
          == SmallImage(8, 8, bytes).changed { image, _ in image.flip() })
    }
  }

  @Test func aSingleLabelHasTheWholeShare() {
    #expect(MixedLabel(7) == MixedLabel(label: 7, other: 7, share: 1))
  }
}
