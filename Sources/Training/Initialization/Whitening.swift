import Datasets
import Layers

/// Filters that whiten patches of images (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single
/// GPU", section 3.2): the eigenvectors of the patches' covariance, each divided by the standard
/// deviation along it.
///
///     C = (1/N) Σ x·xᵀ        C·vᵢ = λᵢ·vᵢ        wᵢ = vᵢ / √(λᵢ + ε)
///
/// `x` are all `N` patches of the size of the kernel, of the normalized images. The outputs of the
/// filters `wᵢ` are uncorrelated and have variance 1. The filters are `w₁, w₂, …` in descending
/// order of `λ`, followed by `−w₁, −w₂, …`, because an activation function keeps one sign.
struct Whitening {
  private static let epsilon = 5e-4

  /// The filters as the weight of the convolution, `[outputs, inputs, kh, kw]`.
  let weight: [Float]

  /// - Parameters:
  ///   - convolution: the network's first layer.
  ///   - indices: the images to compute the covariance from.
  /// - Precondition: the convolution has at most two filters per value of a patch.
  init(
    for convolution: Convolution2D, from indices: [Int], of images: ImageSet,
    _ normalization: Normalization
  ) {
    let covariance = Self.covariance(
      of: convolution.kernel, in: indices, of: images, normalization)
    let eigenvectors = SymmetricEigenvectors(of: covariance)
    let filters = zip(eigenvectors.values, eigenvectors.vectors).map { value, vector in
      let scale = 1 / (max(0, value) + Self.epsilon).squareRoot()
      return vector.map { Float($0 * scale) }
    }
    let opposite = filters.map { $0.map { -$0 } }
    precondition(
      convolution.outputChannels <= 2 * filters.count,
      "\(convolution.outputChannels) filters for patches of \(filters.count) values")
    weight = Array((filters + opposite).prefix(convolution.outputChannels).joined())
  }

  /// The greatest number of filters for a convolution's patches.
  static func mostFilters(for convolution: Convolution2D) -> Int {
    2 * convolution.kernel.height * convolution.kernel.width * convolution.inputChannels
  }

  /// `C`, with the values of a patch in the order (channel, row, column).
  private static func covariance(
    of kernel: Extent2D, in indices: [Int], of images: ImageSet, _ normalization: Normalization
  ) -> [[Double]] {
    let (height, width, channels) = (images.height, images.width, images.channels)
    let count = channels * kernel.height * kernel.width
    // The distance from a patch's first value to each of its values.
    var offsets: [Int] = []
    for channel in 0..<channels {
      for row in 0..<kernel.height {
        for column in 0..<kernel.width {
          offsets.append((row * width + column) * channels + channel)
        }
      }
    }
    let rows = height - kernel.height + 1
    let columns = width - kernel.width + 1
    var sums = [Double](repeating: 0, count: count * count)
    var image = [Float](repeating: 0, count: images.imageCount)
    var patch = [Double](repeating: 0, count: count)
    for index in indices {
      image.withUnsafeMutableBufferPointer {
        normalization.gather([index], from: images, into: $0.baseAddress!)
      }
      for row in 0..<rows {
        for column in 0..<columns {
          let first = (row * width + column) * channels
          for i in 0..<count { patch[i] = Double(image[first + offsets[i]]) }
          for i in 0..<count {
            let value = patch[i]
            for j in i..<count { sums[i * count + j] += value * patch[j] }
          }
        }
      }
    }
    let patches = Double(max(1, indices.count * rows * columns))
    return (0..<count).map { i in
      (0..<count).map { j in sums[min(i, j) * count + max(i, j)] / patches }
    }
  }
}
