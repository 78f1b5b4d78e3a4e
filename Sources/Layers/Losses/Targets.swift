import CKernels

/// What the outputs of some examples should be.
public enum Targets {
  /// A class for each example.
  case classes(ClassTargets)
  /// A value for each output, `[n, outputs]`, in the order of the outputs.
  case values(UnsafePointer<Float>)
}

/// The classes of some examples, as rows `t` of `[n, classes]` that each sum to 1:
///
///     t_i = (1 − ε)·(λ_i·onehot(y_i) + (1 − λ_i)·onehot(y′_i)) + ε/classes
///
/// A plain label is `onehot(y)`. `ε` smooths it, as `label_smoothing` of PyTorch's
/// `nn.CrossEntropyLoss` does (Szegedy et al. 2016, "Rethinking the Inception architecture", section
/// 7). Images that are mixed of two have two labels, the first with the share `λ` (mixup, Zhang et
/// al. 2018; CutMix, Yun et al. 2019).
public struct ClassTargets {
  /// `y`, `[n]`, each in 0 ..< classes.
  public let labels: UnsafePointer<Int32>
  /// `y′` and `λ` in 0…1, each `[n]`; nil where all labels are plain.
  public let mixed: (others: UnsafePointer<Int32>, shares: UnsafePointer<Float>)?
  /// `ε`, from 0 to 1.
  public let smoothing: Double

  public init(
    _ labels: UnsafePointer<Int32>,
    mixed: (others: UnsafePointer<Int32>, shares: UnsafePointer<Float>)? = nil,
    smoothing: Double = 0
  ) {
    precondition((0...1).contains(smoothing), "ClassTargets: smoothing of \(smoothing)")
    self.labels = labels
    self.mixed = mixed
    self.smoothing = smoothing
  }

  /// The targets of the examples from `first` on, as kernels take them.
  func kernelTargets(from first: Int) -> class_targets {
    class_targets(
      labels: labels + first, others: mixed.map { $0.others + first },
      shares: mixed.map { $0.shares + first }, smoothing: smoothing)
  }
}
