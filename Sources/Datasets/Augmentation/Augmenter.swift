import Tensors

/// An image's labels after augmentation: `share·onehot(label) + (1 − share)·onehot(other)`.
public struct MixedLabel: Equatable, Sendable {
  public var label: Int32
  public var other: Int32
  /// From 0 to 1.
  public var share: Float

  /// A single label.
  public init(_ label: UInt8) {
    self.label = Int32(label)
    other = Int32(label)
    share = 1
  }

  public init(label: Int32, other: Int32, share: Float) {
    self.label = label
    self.other = other
    self.share = share
  }
}

/// Computes the augmented training images.
///
/// An image is a pure function of the seed, the epoch and the example. The order of the examples
/// and the image's place in a batch have no effect, and a resumed run gets the same images.
public struct Augmenter: Sendable {
  public let augmentation: Augmentation
  public let images: ImageSet
  /// The examples that images are mixed with.
  public let partners: [Int]
  public let seed: UInt64
  /// The color of hidden rectangles, `[channels]`.
  private let color: [UInt8]
  /// The displacements of elastic steps.
  private let field: ElasticField
  /// Resizes augmented images; nil if they keep their size.
  private let resizer: ImageResizer?

  /// - `partners`: not empty if the augmentation mixes.
  /// - `normalization`: hidden rectangles have its mean as color, which is zero in the network's
  ///   input.
  /// - `size`: the height and width of the output; nil for that of the images.
  /// - Precondition: the images are larger than the greatest translation.
  public init(
    _ augmentation: Augmentation, of images: ImageSet, partners: [Int], seed: UInt64,
    normalization: Normalization, size: (height: Int, width: Int)? = nil
  ) {
    precondition(
      !augmentation.mixes || !partners.isEmpty, "Augmenter: nothing to mix images with")
    precondition(
      augmentation.greatestTranslation ?? 0 < min(images.height, images.width),
      "Augmenter: images of \(images.height)×\(images.width) for \(augmentation)")
    self.augmentation = augmentation
    self.images = images
    self.partners = partners
    self.seed = seed
    field = ElasticField(height: images.height, width: images.width)
    color = (0..<images.channels).map { normalization.byte(of: 0, channel: $0) }
    resizer = size.flatMap { size in
      size == (images.height, images.width)
        ? nil
        : ImageResizer(
          height: images.height, width: images.width, channels: images.channels,
          newHeight: size.height, newWidth: size.width)
    }
  }

  /// True if no image is changed.
  public var isIdentity: Bool { augmentation.isEmpty && resizer == nil }

  /// The number of bytes of an output image.
  public var outputCount: Int { resizer?.outputCount ?? images.imageCount }

  /// The number of bytes of scratch memory for ``write(_:epoch:into:scratch:)``.
  public var scratchCount: Int {
    2 * images.imageCount + (resizer.map { images.imageCount + $0.scratchCount } ?? 0)
  }

  /// Writes the image of `example` in `epoch`, from 0, to `output`, ``outputCount`` bytes
  /// `[h, w, c]`.
  ///
  /// - `scratch`: ``scratchCount`` bytes of arbitrary content.
  public func write(
    _ example: Int, epoch: Int, into output: UnsafeMutablePointer<UInt8>,
    scratch: UnsafeMutablePointer<UInt8>
  ) -> MixedLabel {
    guard let resizer else { return augment(example, epoch, into: output, scratch: scratch) }
    let augmented = scratch + 2 * images.imageCount
    let label = augment(example, epoch, into: augmented, scratch: scratch)
    resizer.resize(augmented, into: output, scratch: augmented + images.imageCount)
    return label
  }

  /// Writes an augmented image in its own size.
  private func augment(
    _ example: Int, _ epoch: Int, into output: UnsafeMutablePointer<UInt8>,
    scratch: UnsafeMutablePointer<UInt8>
  ) -> MixedLabel {
    var label = MixedLabel(images.labels[example])
    let (image, spare) = (self.image(at: output), scratch)
    let steps = augmentation.steps
    let mixing = steps.firstIndex(where: \.mixes) ?? steps.count
    change(image, of: example, epoch, by: 0..<mixing, scratch: spare)
    guard mixing < steps.count else { return label }

    var random = random(of: example, epoch, step: mixing)
    let partner = partners[random.integer(below: partners.count)]
    let other = self.image(at: scratch + images.imageCount)
    change(other, of: partner, epoch, by: 0..<mixing, scratch: spare)
    label.other = Int32(images.labels[partner])
    switch steps[mixing] {
    case .mixup(let alpha):
      // The image's own share in units of 1/65,536.
      let share = Int((random.beta(alpha) * 65_536).rounded())
      image.mix(with: other.bytes, share: share)
      label.share = Float(share) / 65_536
    case .cutmix(let alpha):
      let (rows, columns) = box(cutting: 1 - random.beta(alpha), &random)
      image.paste(other.bytes, rows: rows, columns: columns)
      let pixels = images.height * images.width
      label.share = Float(pixels - rows.count * columns.count) / Float(pixels)
    default: preconditionFailure("\(steps[mixing]) mixes nothing")
    }
    change(image, of: example, epoch, by: mixing + 1..<steps.count, scratch: spare, copies: false)
    return label
  }

  private func image(at bytes: UnsafeMutablePointer<UInt8>) -> ImageBytes {
    ImageBytes(
      height: images.height, width: images.width, channels: images.channels, bytes: bytes)
  }

  /// The random numbers of a step for an example.
  private func random(of example: Int, _ epoch: Int, step: Int) -> Random {
    Random(
      seed: seed, domain: .augmentation, index: example, epoch: epoch,
      part: augmentation.parts[step])
  }

  /// The rectangle of CutMix (Yun et al. 2019, section 3.1 and their published code): each extent
  /// times √part around a center drawn from all pixels, clipped to the image.
  private func box(
    cutting part: Double, _ random: inout Random
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    let side = part.squareRoot()
    func range(_ extent: Int) -> Range<Int> {
      let half = Int(Double(extent) * side) / 2
      let middle = random.integer(below: extent)
      return (middle - half..<middle + half).clamped(to: 0..<extent)
    }
    let rows = range(images.height)
    return (rows, range(images.width))
  }

  /// Applies some of the steps to the image of `example`.
  ///
  /// - Parameter copies: true to start from the image in the data set.
  private func change(
    _ image: ImageBytes, of example: Int, _ epoch: Int, by range: Range<Int>,
    scratch: UnsafeMutablePointer<UInt8>, copies: Bool = true
  ) {
    precondition(example >= 0 && example < images.count, "Augmenter: example \(example)")
    if copies {
      images.pixels.withUnsafeBufferPointer {
        image.bytes.update(
          from: $0.baseAddress! + example * image.count, count: image.count)
      }
    }
    var index = range.lowerBound
    while index < range.upperBound {
      var map = AffineMap()
      let first = index
      while index < range.upperBound, let next = affineMap(of: example, epoch, step: index) {
        map = map.followed(by: next)
        index += 1
      }
      if index < range.upperBound, case .elastic(let part) = augmentation.steps[index] {
        var random = random(of: example, epoch, step: index)
        scratch.update(from: image.bytes, count: image.count)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: ElasticField.controlCount) {
          let controls = $0.baseAddress!
          field.draw(upTo: part, &random, into: controls)
          image.resample(scratch, by: map, bend: (field, UnsafePointer(controls)))
        }
        index += 1
      } else if index > first {
        scratch.update(from: image.bytes, count: image.count)
        image.resample(scratch, by: map)
      } else {
        change(image, of: example, epoch, step: index, scratch: scratch)
        index += 1
      }
    }
  }

  private func affineMap(of example: Int, _ epoch: Int, step: Int) -> AffineMap? {
    var random = random(of: example, epoch, step: step)
    switch augmentation.steps[step] {
    case .rotate(let degrees): return .rotation(degrees: random.number(upTo: degrees))
    case .zoom(let part): return .zoom(1 + random.number(upTo: part))
    case .shear(let degrees): return .shear(degrees: random.number(upTo: degrees))
    case .shift(let part):
      let dy = random.number(upTo: part * Double(images.height))
      return .shift(dy: dy, dx: random.number(upTo: part * Double(images.width)))
    default: return nil
    }
  }

  private func change(
    _ image: ImageBytes, of example: Int, _ epoch: Int, step: Int,
    scratch: UnsafeMutablePointer<UInt8>
  ) {
    var random = random(of: example, epoch, step: step)
    switch augmentation.steps[step] {
    case .flip(let probability):
      if random.unit() < probability { image.flip() }
    case .alternatingFlip:
      var first = self.random(of: example, 0, step: step)
      if (first.nextBits() & 1 == 1) != (epoch % 2 == 1) { image.flip() }
    case .translate(let distance, let padding):
      let dy = random.integer(below: 2 * distance + 1) - distance
      let dx = random.integer(below: 2 * distance + 1) - distance
      scratch.update(from: image.bytes, count: image.count)
      image.translate(scratch, dy: dy, dx: dx, padding)
    case .brightness(let part):
      image.stretch(by: Self.factor(1 + random.number(upTo: part)), about: 0)
    case .contrast(let part):
      image.stretch(
        by: Self.factor(1 + random.number(upTo: part)), about: image.meanGray)
    case .cutout(let side):
      // The center may be any pixel (DeVries and Taylor 2017, section 3.2).
      let top = random.integer(below: image.height) - side / 2
      let left = random.integer(below: image.width) - side / 2
      image.fill(rows: top..<top + side, columns: left..<left + side, with: color)
    case .erase(let probability):
      if random.unit() < probability, let (rows, columns) = rectangle(&random) {
        image.fill(rows: rows, columns: columns, with: color)
      }
    case .rotate, .zoom, .shear, .shift, .elastic, .mixup, .cutmix:
      preconditionFailure("\(augmentation.steps[step]) is done elsewhere")
    }
  }

  /// `value` in units of 2⁻¹⁶.
  private static func factor(_ value: Double) -> Int { Int((value * 65_536).rounded()) }

  /// The rectangle of random erasing (Zhong et al. 2017, algorithm 1, with PyTorch's numbers): 0.02
  /// to 0.33 of the area, and a ratio of height to width from 0.3 to 3.3, uniform in the logarithm.
  /// Nil if ten draws do not fit.
  private func rectangle(
    _ random: inout Random
  ) -> (rows: Range<Int>, columns: Range<Int>)? {
    let (least, most) = (ExactMath.logarithm(0.3), ExactMath.logarithm(3.3))
    for _ in 0..<10 {
      let area = Double(images.height * images.width) * (0.02 + 0.31 * random.unit())
      let ratio = ExactMath.exponential(least + (most - least) * random.unit())
      let height = Int((area * ratio).squareRoot().rounded(.toNearestOrEven))
      let width = Int((area / ratio).squareRoot().rounded(.toNearestOrEven))
      guard height < images.height && width < images.width else { continue }
      let top = random.integer(below: images.height - height + 1)
      let left = random.integer(below: images.width - width + 1)
      return (top..<top + height, left..<left + width)
    }
    return nil
  }
}

extension Random {
  /// A number drawn uniformly from 0 ..< 1, a multiple of 2⁻³².
  mutating func unit() -> Double { Double(nextBits()) * 0x1p-32 }

  /// A number drawn uniformly from −`limit` ..< `limit`.
  mutating func number(upTo limit: Double) -> Double { limit * (2 * unit() - 1) }

  /// A number drawn from Beta(α, α) by Jöhnk's method (1964): draw `u^(1/α)` and `v^(1/α)` until
  /// their sum is at most 1; the result is the first number's share of the sum.
  ///
  /// - Parameter alpha: from 0.1 to 2; with more, too many draws are rejected.
  mutating func beta(_ alpha: Double) -> Double {
    while true {
      // Never 0, which has no logarithm.
      let u = unit() + 0x1p-33
      let v = unit() + 0x1p-33
      let x = ExactMath.exponential(ExactMath.logarithm(u) / alpha)
      let y = ExactMath.exponential(ExactMath.logarithm(v) / alpha)
      if x + y <= 1 { return x / (x + y) }
    }
  }
}
