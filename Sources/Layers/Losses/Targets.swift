import CKernels
import Tensors

/// The desired outputs of some examples.
public enum Targets {
  /// A class for each example.
  case classes(ClassTargets)
  /// A value for each output, `[n, outputs]`, in the order of the outputs.
  case values(Tensor)
}

/// The classes of some examples, as rows `t` of `[n, classes]` that each sum to 1:
///
///     t_i = (1 − ε)·(λ_i·onehot(y_i) + (1 − λ_i)·onehot(y′_i)) + ε/classes
///
/// A plain label is `onehot(y)`. `ε` smooths it, as `label_smoothing` of PyTorch's
/// `nn.CrossEntropyLoss` does (Szegedy et al. 2016, "Rethinking the Inception architecture",
/// section 7). An image that is mixed from two images has two labels, of which the first has the
/// weight `λ` (mixup, Zhang et al. 2018; CutMix, Yun et al. 2019).
///
/// The memory is borrowed: it belongs to an `Arena` or another owner, and must live as long as the
/// targets.
public struct ClassTargets {
  /// `y`, `[n]`, each in 0 ..< classes.
  public let labels: UnsafeBufferPointer<Int32>
  /// `y′` and `λ` in 0…1, each `[n]`; nil if all labels are plain.
  public let mixed: (others: UnsafeBufferPointer<Int32>, shares: UnsafeBufferPointer<Float>)?
  /// `ε`, from 0 to 1.
  public let smoothing: Double

  /// Takes buffer pointers: Swift would convert an array to a plain pointer, which is valid only
  /// during the call.
  public init(
    borrowing labels: UnsafeBufferPointer<Int32>,
    mixed: (others: UnsafeBufferPointer<Int32>, shares: UnsafeBufferPointer<Float>)? = nil,
    smoothing: Double = 0
  ) {
    precondition((0...1).contains(smoothing), "ClassTargets: smoothing of \(smoothing)")
    if let mixed {
      precondition(
        mixed.others.count == labels.count && mixed.shares.count == labels.count,
        "ClassTargets: \(labels.count) labels, \(mixed.others.count) others, "
          + "\(mixed.shares.count) shares")
    }
    self.labels = labels
    self.mixed = mixed
    self.smoothing = smoothing
  }

  /// The label with the greater weight; the first one if both are equal.
  public func predominantLabel(_ example: Int) -> Int {
    guard let mixed, mixed.shares[example] < 0.5 else { return Int(labels[example]) }
    return Int(mixed.others[example])
  }

  /// The targets of `examples` in the form that the kernels read.
  ///
  /// - Precondition: every example has a label.
  func kernelTargets(of examples: Range<Int>) -> class_targets {
    precondition(
      examples.lowerBound >= 0 && examples.upperBound <= labels.count,
      "targets of examples \(examples) among \(labels.count)")
    return class_targets(
      labels: labels.baseAddress! + examples.lowerBound,
      others: mixed.map { $0.others.baseAddress! + examples.lowerBound },
      shares: mixed.map { $0.shares.baseAddress! + examples.lowerBound }, smoothing: smoothing)
  }
}
