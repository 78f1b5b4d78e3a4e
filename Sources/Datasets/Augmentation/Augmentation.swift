/// Changes at random that training images go through, in order.
///
/// | step | what it does | PyTorch |
/// |---|---|---|
/// | `flip(p)` | mirrors left and right with probability `p`, ½ unless given | `RandomHorizontalFlip` |
/// | `altflip` | mirrors at random in the first epoch; then every image is the other way round in each epoch | airbench |
/// | `translate(n)` | moves by up to `n` whole pixels; `padding=reflect\|zero` | airbench's crop |
/// | `crop(n)` | the same, of zeros unless told otherwise | `RandomCrop(size, padding=n)` |
/// | `rotate(d)` | turns by up to `d` degrees | `RandomRotation(d, BILINEAR)` |
/// | `zoom(z)` | enlarges by a factor from 1 − z to 1 + z | `RandomAffine(scale=…)` |
/// | `shear(d)` | shears rows by up to `d` degrees | `RandomAffine(shear=d)` |
/// | `shift(f)` | moves by up to the fraction `f` of height and width | `RandomAffine(translate=…)` |
/// | `brightness(b)` | multiplies by a factor from 1 − b to 1 + b | `ColorJitter(brightness=b)` |
/// | `contrast(b)` | likewise about the image's mean | `ColorJitter(contrast=b)` |
/// | `cutout(n)` | hides a square of `n` pixels | DeVries and Taylor 2017 |
/// | `erase(p)` | hides a rectangle with probability `p` | `RandomErasing(p)` |
/// | `mixup(α)` | mixes with another image | `v2.MixUp(alpha=α)` |
/// | `cutmix(α)` | puts a rectangle of another image in | `v2.CutMix(alpha=α)` |
///
/// The course's notation has them with spaces between: `altflip translate(2) cutout(8)`. Each draws
/// from numbers of its own, so that one more step does not change what the others draw. Steps of one
/// kind count among themselves.
public struct Augmentation: Equatable, Sendable {
  /// What an image shows behind its edge.
  public enum Padding: String, CaseIterable, Sendable {
    /// The image again, mirrored at the outermost pixels, as PyTorch's `reflect` has it.
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
    case brightness(Double)
    case contrast(Double)
    case cutout(Int)
    case erase(probability: Double)
    case mixup(alpha: Double)
    case cutmix(alpha: Double)
  }

  public let steps: [Step]
  /// Which part of an example's random numbers each step draws from.
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

  /// Whether images come out that have two labels.
  public var mixes: Bool { steps.contains(where: \.mixes) }

  /// The most pixels that a step moves images by, which they must exceed; nil if none does.
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

  /// Names the numbers that steps of this kind draw; a number that was given is never changed.
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
    }
  }
}
