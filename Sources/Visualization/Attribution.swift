import Layers
import Tensors

/// Methods that show which pixels of an image count for an output. The definitions are those of captum
/// (Kokhlikyan et al. 2020), so the values can be compared.
///
/// `x` is the normalized input, and `z` the network's output of one class.
public enum Attribution {
  /// The magnitude of the gradient, its greatest over the channels (Simonyan et al. 2014, "Deep inside
  /// convolutional networks", section 3). captum's `Saliency`, and the maximum of its channels.
  ///
  ///     map[h, w] = max_c |∂z/∂x[h, w, c]|
  ///
  /// - Parameters:
  ///   - network: with gradients.
  ///   - input: one normalized image, `[h, w, c]`.
  public static func saliency(
    _ network: ProbedNetwork, input: [Float], class label: Int
  ) -> AttributionMap {
    _ = network.forward(input)
    network.backward(classes: [label])
    let gradient = network.gradients(ofLayer: ProbedNetwork.input, count: 1)
    let shape = network.network.inputShape
    let channels = shape[3]
    return AttributionMap(
      height: shape[1], width: shape[2],
      values: (0..<shape[1] * shape[2]).map { pixel in
        (0..<channels).reduce(0) { max($0, gradient[pixel * channels + $1].magnitude) }
      })
  }

  /// The positive part of the sum of a layer's activations, each channel weighted by the mean of its gradient
  /// (Selvaraju et al. 2017, "Grad-CAM", section 3). captum's `LayerGradCam` with `relu_attributions`.
  ///
  ///     weight_c = Σ_hw ∂z/∂a[h, w, c] / (height·width)     map[h, w] = max(0, Σ_c weight_c·a[h, w, c])
  ///
  /// - Parameters:
  ///   - network: with gradients, watching `layer`.
  ///   - layer: a layer whose output is an image.
  /// - Returns: a map of the size of the layer's output; ``AttributionMap/resized(height:width:)`` brings it to
  ///   the size of the image.
  public static func gradCAM(
    _ network: ProbedNetwork, input: [Float], class label: Int, layer: Int
  ) -> AttributionMap {
    _ = network.forward(input)
    network.backward(classes: [label])
    let activation = network.activations(ofLayer: layer, count: 1)
    let gradient = network.gradients(ofLayer: layer, count: 1)
    let shape = network.network.outputShapes[layer]
    precondition(shape.rank == 4, "Grad-CAM of an output of shape \(shape)")
    let (pixels, channels) = (shape[1] * shape[2], shape[3])
    var weights = [Float](repeating: 0, count: channels)
    for pixel in 0..<pixels {
      for channel in 0..<channels { weights[channel] += gradient[pixel * channels + channel] }
    }
    for channel in 0..<channels { weights[channel] /= Float(pixels) }
    return AttributionMap(
      height: shape[1], width: shape[2],
      values: (0..<pixels).map { pixel in
        max(
          0,
          (0..<channels).reduce(0) { $0 + weights[$1] * activation[pixel * channels + $1] })
      })
  }

  /// A window that hides a part of an image, in pixels.
  public struct Window: Equatable, Sendable {
    public let size: Int
    public let stride: Int

    /// - Precondition: 1 ≤ stride ≤ size. A greater stride would leave pixels that no window hides.
    public init(size: Int, stride: Int) {
      precondition(stride >= 1 && stride <= size, "a window of \(size) with a stride of \(stride)")
      (self.size, self.stride) = (size, stride)
    }

    /// The places of the window on `extent` pixels: `⌈(extent − size)/stride⌉ + 1` of them. The last window
    /// may reach past the end.
    func starts(_ extent: Int) -> [Int] {
      let count = extent <= size ? 1 : (extent - size + stride - 1) / stride + 1
      return (0..<count).map { $0 * stride }
    }
  }

  /// The loss of the output while a window hides a part of the image, as the mean over all windows that hide
  /// the pixel (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2).
  /// captum's `Occlusion` with windows over all channels.
  ///
  ///     map[h, w] = mean over windows that cover (h, w) of z(x) − z(x with `baseline` in the window)
  ///
  /// A positive value says that the pixel speaks for the class, a negative one that it speaks against it.
  ///
  /// - Parameters:
  ///   - baseline: the normalized value of every channel in the window; 0 is the mean color of the data set.
  public static func occlusion(
    _ network: ProbedNetwork, input: [Float], class label: Int, window: Window, baseline: Float = 0
  ) -> AttributionMap {
    let shape = network.network.inputShape
    let (height, width, channels) = (shape[1], shape[2], shape[3])
    let classes = network.network.outputShape.countPerExample
    let whole = network.forward(input)[label]
    let places = window.starts(height).flatMap { top in
      window.starts(width).map { (top: top, left: $0) }
    }
    var sums = [Double](repeating: 0, count: height * width)
    var counts = [Int](repeating: 0, count: height * width)
    for first in stride(from: 0, to: places.count, by: network.capacity) {
      let part = places[first..<min(first + network.capacity, places.count)]
      let outputs = network.forward(count: part.count) { inputs in
        for (index, place) in part.enumerated() {
          let image = inputs + index * input.count
          input.withUnsafeBufferPointer { image.update(from: $0.baseAddress!, count: $0.count) }
          for row in place.top..<min(place.top + window.size, height) {
            let right = min(place.left + window.size, width)
            (image + (row * width + place.left) * channels)
              .update(repeating: baseline, count: (right - place.left) * channels)
          }
        }
      }
      for (index, place) in part.enumerated() {
        let difference = Double(whole) - Double(outputs[index * classes + label])
        for row in place.top..<min(place.top + window.size, height) {
          for column in place.left..<min(place.left + window.size, width) {
            sums[row * width + column] += difference
            counts[row * width + column] += 1
          }
        }
      }
    }
    return AttributionMap(
      height: height, width: width, values: zip(sums, counts).map { Float($0 / Double($1)) })
  }
}
