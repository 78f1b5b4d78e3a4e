/// Random changes of the training images, applied in order.
///
/// | step | what it does | PyTorch |
/// |---|---|---|
/// | `flip(p)` | mirrors left and right with probability `p`, default ½ | `RandomHorizontalFlip` |
/// | `altflip` | mirrors at random in epoch 1, then alternates in each epoch | airbench |
/// | `translate(n)` | moves by up to `n` whole pixels; `padding=reflect\|zero` | airbench's crop |
/// | `crop(n)` | as `translate`, by default with `padding=zero` | `RandomCrop(size, padding=n)` |
/// | `rotate(d)` | rotates by up to `d` degrees | `RandomRotation(d, BILINEAR)` |
/// | `zoom(z)` | enlarges by a factor from 1 − z to 1 + z | `RandomAffine(scale=…)` |
/// | `shear(d)` | shears rows by up to `d` degrees | `RandomAffine(shear=d)` |
/// | `shift(f)` | moves by up to the share `f` of height and width | `RandomAffine(translate=…)` |
/// | `elastic(f)` | bends the image: points of a grid move by up to the share `f` of height and width | `ElasticTransform`, whose field differs |
/// | `brightness(b)` | multiplies by a factor from 1 − b to 1 + b | `ColorJitter(brightness=b)` |
/// | `contrast(b)` | the same for the distance from the mean | `ColorJitter(contrast=b)` |
/// | `cutout(n)` | hides a square of `n` pixels | DeVries and Taylor 2017 |
/// | `erase(p)` | hides a rectangle with probability `p` | `RandomErasing(p)` |
/// | `mixup(α)` | mixes with another image | `v2.MixUp(alpha=α)` |
/// | `cutmix(α)` | replaces a rectangle by that of another image | `v2.CutMix(alpha=α)` |
///
/// The course's notation separates steps by spaces: `altflip translate(2) cutout(8)`. Each step has
/// its own random numbers, so an additional step does not change the numbers of the others. Steps
/// of the same kind are numbered among themselves.
public struct Augmentation: Equatable, Sendable {
  /// The pixels outside the edge of an image.
  public enum Padding: String, CaseIterable, Sendable {
    /// The image mirrored at the outermost pixels, as in PyTorch's `reflect`.
    case reflect
    /// Black.
    case zero
  }

  public enum Step: Equatable, Sendable {
    case flip(probability: Double)
    case alternatingFlip
    case translate(Int, Padding)
    case rotate(degrees: Double)
    case zoom(Double)
    case shear(degrees: Double)
    case shift(Double)
    case elastic(Double)
    case brightness(Double)
    case contrast(Double)
    case cutout(Int)
    case erase(probability: Double)
    case mixup(alpha: Double)
    case cutmix(alpha: Double)
  }

  public let steps: [Step]
  /// The part of an example's random numbers that each step uses.
  let parts: [UInt16]

  /// No changes.
  public static let none = Augmentation()

  private init() {
    steps = []
    parts = []
  }

  /// - Precondition: at most one step mixes images.
  public init(_ steps: [Step]) {
    precondition(
      steps.count <= Self.mostSteps && steps.count(where: \.mixes) <= 1,
      "Augmentation of \(steps.count) steps, \(steps.count(where: \.mixes)) of which mix")
    self.steps = steps
    parts = steps.indices.map { index in
      let kind = steps[index].kind
      let before = steps[..<index].count { $0.kind == kind }
      return UInt16(before << 8) | kind
    }
  }

  static let mostSteps = 64

  public var isEmpty: Bool { steps.isEmpty }

  /// True if the images may have two labels.
  public var mixes: Bool { steps.contains(where: \.mixes) }

  /// The maximum distance in pixels of a translation, which images must exceed; nil if there is
  /// none.
  public var greatestTranslation: Int? {
    steps.compactMap { if case .translate(let pixels, _) = $0 { pixels } else { nil } }.max()
  }
}

extension Augmentation.Step {
  var mixes: Bool {
    switch self {
    case .mixup, .cutmix: true
    default: false
    }
  }

  /// The random numbers of steps of this kind. An assigned number is never changed.
  fileprivate var kind: UInt16 {
    switch self {
    case .flip: 1
    case .alternatingFlip: 2
    case .translate: 3
    case .rotate: 4
    case .zoom: 5
    case .shear: 6
    case .shift: 7
    case .brightness: 8
    case .contrast: 9
    case .cutout: 10
    case .erase: 11
    case .mixup: 12
    case .cutmix: 13
    case .elastic: 14
    }
  }
}
