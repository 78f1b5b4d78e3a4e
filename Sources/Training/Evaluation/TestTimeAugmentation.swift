import Datasets

/// Views of each test image whose outputs are averaged (test-time augmentation): `--tta`.
///
/// The outputs are averaged before the softmax. Both forms with views are those of airbench
/// (Jordan 2024, section 3.6).
public enum TestTimeAugmentation: String, Sendable, CaseIterable {
  /// The image as it is.
  case none
  /// `½·plain + ½·mirrored`.
  case mirror
  /// `½` times `mirror`, plus `½` times the mean of `mirror` of the image moved by one pixel down
  /// and right, and by one pixel up and left.
  case mirrorShift = "mirror-shift"

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// The views and their weights, whose sum is 1. The first view is the image as it is.
  var views: [(view: ImageView, weight: Float)] {
    switch self {
    case .none: [(.plain, 1)]
    case .mirror: [(.plain, 0.5), (ImageView(isMirrored: true), 0.5)]
    case .mirrorShift:
      [(.plain, 0.25), (ImageView(isMirrored: true), 0.25)]
        + [1, -1].flatMap { shift in
          [false, true].map { (ImageView(shift: shift, isMirrored: $0), 0.125) }
        }
    }
  }
}
