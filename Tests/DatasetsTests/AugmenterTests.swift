import Testing

@testable import Datasets
@testable import Files

/// Augmented images by value, for tests.
extension Augmenter {
  init(_ text: String, of images: ImageSet, seed: UInt64 = 1) throws {
    self.init(
      try Augmentation(text), of: images, partners: Array(0..<images.count), seed: seed,
      normalization: try Normalization(
        mean: [0.4], std: [0.25], channels: images.channels))
  }

  func image(_ example: Int, _ epoch: Int = 0) -> (bytes: [UInt8], label: MixedLabel) {
    var bytes = [UInt8](repeating: 0xAA, count: images.imageCount)
    var scratch = [UInt8](repeating: 0xAA, count: scratchCount)
    var label = MixedLabel(0)
    bytes.withUnsafeMutableBufferPointer { bytes in
      scratch.withUnsafeMutableBufferPointer { scratch in
        label = write(
          example, epoch: epoch, into: bytes.baseAddress!, scratch: scratch.baseAddress!)
      }
    }
    return (bytes, label)
  }

  func bytes(_ example: Int, _ epoch: Int = 0) -> [UInt8] { image(example, epoch).bytes }
}

extension ImageSet {
  static func random(
    _ count: Int, _ height: Int, _ width: Int, _ channels: Int = 1, classes: Int = 10
  ) -> ImageSet {
    let image = SmallImage.random(count * height, width, channels, seed: 11)
    return ImageSet(
      height: height, width: width, channels: channels, classes: classes, pixels: image.bytes,
      labels: (0..<count).map { UInt8($0 % classes) })
  }

  /// Images of one gray value.
  static func plain(_ count: Int, _ height: Int, _ width: Int, _ value: UInt8) -> ImageSet {
    ImageSet(
      height: height, width: width, channels: 1, classes: 10,
      pixels: Array(repeating: value, count: count * height * width),
      labels: (0..<count).map { UInt8($0 % 10) })
  }

  func image(_ index: Int) -> SmallImage {
    SmallImage(height, width, channels, pixels(of: [index]))
  }
}

@Suite struct AugmenterTests {
  static let everything =
    "altflip flip(0.4) translate(2) crop(3) rotate(20) zoom(0.2) shear(10) shift(0.1) "
    + "brightness(0.3) contrast(0.3) cutout(4) erase(0.5)"

  /// The fraction of 40,000 draws for which `holds` is true must equal `expected` within five std.
  func expectShare(
    _ expected: Double, of text: String, _ images: ImageSet,
    _ holds: (_ bytes: [UInt8], _ label: MixedLabel, _ example: Int) -> Bool
  ) throws {
    let augmenter = try Augmenter(text, of: images, seed: 3)
    let draws = 40_000
    var count = 0
    for draw in 0..<draws {
      let example = draw % images.count
      let (bytes, label) = augmenter.image(example, draw / images.count)
      if holds(bytes, label, example) { count += 1 }
    }
    let deviation = (expected * (1 - expected) / Double(draws)).squareRoot()
    #expect(abs(Double(count) / Double(draws) - expected) <= 5 * deviation, "\(text): \(count)")
  }

  // MARK: Dependence of images

  @Test(arguments: [
    everything, "\(everything) elastic(0.1) mixup(0.4)", "flip cutmix(1) rotate(9)",
  ])
  func anImageIsAFunctionOfSeedEpochAndExample(_ text: String) throws {
    let images = ImageSet.random(12, 13, 11, 3)
    let (one, again) = (try Augmenter(text, of: images), try Augmenter(text, of: images))
    let other = try Augmenter(text, of: images, seed: 2)
    var seen: Set<[UInt8]> = []
    for epoch in 0..<5 {
      for example in (0..<12).reversed() {
        let (bytes, label) = one.image(example, epoch)
        #expect(again.image(example, epoch) == (bytes, label))
        #expect(other.bytes(example, epoch) != bytes)
        seen.insert(bytes)
      }
    }
    #expect(seen.count == 60)
  }

  /// The images of these steps must never change. Other bytes here change runs that users repeat.
  @Test(arguments: [
    (
      "\(everything) mixup(0.4)",
      "414e746acc3c1e04e84e0f9714f4c4cd0b8096b9b91eac461a5be9d994d693db"
    ),
    (
      "rotate(20) elastic(0.1) translate(1) elastic(0.05)",
      "149e43669cdcfdb9461a464f4280eb0f0190f0043b6f91cf877d650cb0a7f44f"
    ),
  ])
  func imagesStayTheSame(_ text: String, _ expected: String) throws {
    let augmenter = try Augmenter(text, of: .random(12, 13, 11, 3))
    var bytes: [UInt8] = []
    for epoch in 0..<20 {
      for example in 0..<12 {
        let image = augmenter.image(example, epoch)
        bytes += image.bytes
        withUnsafeBytes(of: image.label.share.bitPattern.littleEndian) { bytes += $0 }
        bytes.append(UInt8(image.label.other))
      }
    }
    #expect(Hash.sha256(of: [bytes]) == expected)
  }

  /// An additional step does not change the draws of the others.
  @Test func anAdditionalStepDoesNotChangeOtherDraws() throws {
    let images = ImageSet.random(50, 9, 8, 3)
    let flip = try Augmenter("flip", of: images)
    let more = try Augmenter(
      "rotate(0) brightness(0) translate(0) flip erase(0) cutmix(0.5)", of: images)
    let both = try Augmenter("flip flip", of: images)
    var (same, equal) = (0, 0)
    for example in 0..<50 {
      let (image, label) = more.image(example)
      // If nothing was pasted, the image is the flipped one.
      if label.share == 1 {
        #expect(image == flip.bytes(example))
        same += 1
      }
      if both.bytes(example) == images.image(example).bytes { equal += 1 }
    }
    #expect(same > 3)
    // Two flips of one image are drawn independently, so half of the images are unchanged.
    #expect(equal > 10 && equal < 40)
  }

  @Test(arguments: [
    "none", "translate(0)", "crop(0)", "rotate(0)", "zoom(0)", "shear(0)", "shift(0)", "flip(0)",
    "elastic(0)", "brightness(0)", "contrast(0)", "erase(0)", "flip(1) flip(1)",
    "rotate(0) zoom(0) flip(1) shear(0) flip(1)",
  ])
  func stepsOfNothingChangeNothing(_ text: String) throws {
    let images = ImageSet.random(8, 10, 9, 3)
    let augmenter = try Augmenter(text, of: images)
    for example in 0..<8 {
      #expect(augmenter.bytes(example, 3) == images.image(example).bytes)
      #expect(augmenter.image(example, 3).label == MixedLabel(UInt8(example)))
    }
  }

  // MARK: Each step

  @Test(arguments: [0.0, 0.25, 0.5, 1])
  func flipsWithTheirProbability(_ probability: Double) throws {
    let images = ImageSet.random(100, 1, 2)
    try expectShare(probability, of: "flip(\(probability))", images) { bytes, _, example in
      bytes != images.image(example).bytes
    }
  }

  @Test func alternatingFlipsAlternate() throws {
    let images = ImageSet.random(400, 2, 5)
    let augmenter = try Augmenter("altflip", of: images)
    var flipped = 0
    for example in 0..<400 {
      let image = images.image(example)
      let mirrored = image.changed { image, _ in image.flip() }
      let isFlipped = augmenter.bytes(example) == mirrored
      if isFlipped { flipped += 1 }
      for epoch in 0..<6 {
        #expect(
          augmenter.bytes(example, epoch)
            == (isFlipped == (epoch % 2 == 0) ? mirrored : image.bytes))
      }
    }
    #expect(flipped > 150 && flipped < 250)
  }

  /// All distances are equally likely, independently for rows and columns.
  @Test(arguments: Augmentation.Padding.allCases)
  func translatesByEveryDistance(_ padding: Augmentation.Padding) throws {
    // The value of each pixel encodes its coordinates.
    let images = ImageSet(
      height: 7, width: 7, channels: 1, classes: 1, pixels: (1...49).map { UInt8($0) }, labels: [0])
    let augmenter = try Augmenter("translate(2,padding=\(padding.rawValue))", of: images)
    var counts = [Int](repeating: 0, count: 25)
    for epoch in 0..<10_000 {
      let bytes = augmenter.bytes(0, epoch)
      // The pixel in the middle was at row and column 3 minus the distance.
      let place = Int(bytes[24]) - 1
      let (dy, dx) = (3 - place / 7, 3 - place % 7)
      counts[(dy + 2) * 5 + dx + 2] += 1
      if epoch < 100 {
        #expect(bytes == images.image(0).changed { $0.translate($1, dy: dy, dx: dx, padding) })
      }
    }
    // The expected number of each is 400, with an std of 20.
    #expect(counts.allSatisfy { abs($0 - 400) < 100 }, "\(counts)")
  }

  /// Rotations by up to 30°, equally often in both directions.
  @Test func rotatesWithinItsLimit() throws {
    // A bright pixel five columns to the right of the center.
    var image = [UInt8](repeating: 0, count: 169)
    image[6 * 13 + 11] = 255
    let images = ImageSet(
      height: 13, width: 13, channels: 1, classes: 1, pixels: image, labels: [0])
    let augmenter = try Augmenter("rotate(30)", of: images)
    var (up, down, most) = (0, 0, 0.0)
    for epoch in 0..<2_000 {
      let bytes = augmenter.bytes(0, epoch)
      let sum = bytes.reduce(0) { $0 + Double($1) }
      let row = bytes.enumerated().reduce(0) { $0 + Double($1.offset / 13) * Double($1.element) }
      // Its distance below the center after the rotation: −5·sin of the angle.
      let height = 6 - row / sum
      most = max(most, abs(height))
      if height > 0.05 { up += 1 } else if height < -0.05 { down += 1 }
    }
    #expect(most > 2.3 && most < 2.7)
    #expect(abs(up - down) < 5 * 45 && up + down > 1_800)
  }

  @Test func zoomsAndShiftsWithinTheirLimits() throws {
    // A bright square of 9×9 in the center of 21×21 pixels.
    var image = [UInt8](repeating: 0, count: 441)
    for y in 6..<15 { for x in 6..<15 { image[21 * y + x] = 200 } }
    let images = ImageSet(
      height: 21, width: 21, channels: 1, classes: 1, pixels: image, labels: [0])
    let (zoom, shift) = (
      try Augmenter("zoom(0.2)", of: images), try Augmenter("shift(0.1)", of: images)
    )
    var (sides, moves): ([Double], [Double]) = ([], [])
    for epoch in 0..<500 {
      let bytes = zoom.bytes(0, epoch)
      sides.append((Double(bytes.reduce(0) { $0 + Int($1) }) / 200).squareRoot() / 9)
      let moved = shift.bytes(0, epoch)
      let row = moved.enumerated().reduce(0.0) { $0 + Double($1.offset / 21) * Double($1.element) }
      moves.append(row / moved.reduce(0) { $0 + Double($1) } - 10)
    }
    #expect(sides.min()! > 0.77 && sides.min()! < 0.83, "\(sides.min()!)")
    #expect(sides.max()! > 1.17 && sides.max()! < 1.23, "\(sides.max()!)")
    #expect(moves.min()! > -2.2 && moves.min()! < -2, "\(moves.min()!)")
    #expect(moves.max()! < 2.2 && moves.max()! > 2, "\(moves.max()!)")
  }

  /// Successive rotations and translations are resampled once.
  @Test func successiveMapsAreResampledOnce() throws {
    let images = ImageSet.random(20, 15, 15)
    let augmenter = try Augmenter("rotate(30) zoom(0.2) shift(0.1) elastic(0.1)", of: images)
    let apart = try Augmenter(
      "rotate(30) flip(0) zoom(0.2) flip(0) shift(0.1) flip(0) elastic(0.1)", of: images)
    // Each interpolation reduces the contrast of random pixels.
    func roughness(_ bytes: [UInt8]) -> Int {
      zip(bytes, bytes.dropFirst()).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    }
    let sums = (0..<20).map { (roughness(augmenter.bytes($0)), roughness(apart.bytes($0))) }
    #expect(sums.reduce(0) { $0 + $1.0 } > sums.reduce(0) { $0 + $1.1 } * 5 / 4, "\(sums)")
  }

  @Test(arguments: ["brightness", "contrast"])
  func colorsChangeWithinTheirLimits(_ name: String) throws {
    // The mean gray is 100.
    let images = ImageSet(
      height: 1, width: 2, channels: 1, classes: 1, pixels: [80, 120], labels: [0])
    let augmenter = try Augmenter("\(name)(0.5)", of: images)
    var values: [Int: Int] = [:]
    for epoch in 0..<8_000 {
      let bytes = augmenter.bytes(0, epoch)
      if name == "contrast" { #expect(abs(Int(bytes[0]) + Int(bytes[1]) - 200) <= 1) }
      values[Int(bytes[0]), default: 0] += 1
    }
    let range = name == "brightness" ? (40, 120) : (70, 90)
    #expect(values.keys.min() == range.0 && values.keys.max() == range.1)
    let each = 8_000 / Double(range.1 - range.0)
    for (value, count) in values where value != range.0 && value != range.1 {
      #expect(abs(Double(count) - each) < 6 * each.squareRoot(), "\(value): \(count)")
    }
  }
}
