import Tensors

/// The layout of a parameter in memory, and its shape and order in files, which are PyTorch's.
public enum ParameterLayout: Equatable, Sendable {
  /// A vector: `count` floats, in memory and in files.
  case vector(count: Int)
  /// In memory a `PanelMatrix` with a row for each (kh, kw, cin) and a column for each cout;
  /// stored as `[cout, cin, kh, kw]`.
  case convolution(kernelHeight: Int, kernelWidth: Int, inputChannels: Int, outputChannels: Int)
  /// The same for a kernel of one row, stored as `[cout, cin, k]`.
  case convolution1D(kernel: Int, inputChannels: Int, outputChannels: Int)
  /// In memory a `PanelMatrix` `[inputs, outputs]`; stored as `[outputs, inputs]`. After a
  /// flattened image `[h, w, c]` the stored columns are in (c, h, w) order, as in PyTorch.
  case fullyConnected(inputs: Int, outputs: Int, image: Image? = nil)

  /// The extents of the flattened image that a fully connected layer reads.
  public struct Image: Equatable, Sendable {
    public let height, width, channels: Int
    public init(height: Int, width: Int, channels: Int) {
      self.height = height
      self.width = width
      self.channels = channels
    }
  }

  /// PyTorch's shape.
  public var storedShape: [Int] {
    switch self {
    case .vector(let count): [count]
    case .convolution(let kh, let kw, let inputs, let outputs): [outputs, inputs, kh, kw]
    case .convolution1D(let k, let inputs, let outputs): [outputs, inputs, k]
    case .fullyConnected(let inputs, let outputs, _): [outputs, inputs]
    }
  }

  /// The number of elements, without padding.
  public var count: Int { storedShape.reduce(1, *) }

  /// The number of floats in memory, padding included.
  public var memoryCount: Int {
    switch self {
    case .vector(let count): count
    case .convolution(let kh, let kw, let inputs, let outputs):
      PanelMatrix.storageCount(rows: kh * kw * inputs, columns: outputs)
    case .convolution1D(let k, let inputs, let outputs):
      PanelMatrix.storageCount(rows: k * inputs, columns: outputs)
    case .fullyConnected(let inputs, let outputs, _):
      PanelMatrix.storageCount(rows: inputs, columns: outputs)
    }
  }

  /// Calls `body` with the index in memory of each element, in stored order.
  func forEachStored(_ body: (_ stored: Int, _ memory: Int) -> Void) {
    switch self {
    case .vector(let count):
      for i in 0..<count { body(i, i) }
    case .convolution(let kh, let kw, let inputs, let outputs):
      Self.forEachStored(taps: kh * kw, inputs: inputs, outputs: outputs, body)
    case .convolution1D(let k, let inputs, let outputs):
      Self.forEachStored(taps: k, inputs: inputs, outputs: outputs, body)
    case .fullyConnected(let inputs, let outputs, let image):
      let image = image ?? Image(height: 1, width: 1, channels: inputs)
      let pixels = image.height * image.width
      var stored = 0
      for o in 0..<outputs {
        for c in 0..<image.channels {
          for pixel in 0..<pixels {
            body(
              stored,
              PanelMatrix.offset(
                pixel * image.channels + c, o, rows: inputs, columns: outputs))
            stored += 1
          }
        }
      }
    }
  }

  private static func forEachStored(
    taps: Int, inputs: Int, outputs: Int, _ body: (_ stored: Int, _ memory: Int) -> Void
  ) {
    var stored = 0
    for o in 0..<outputs {
      for i in 0..<inputs {
        for tap in 0..<taps {
          body(
            stored,
            PanelMatrix.offset(tap * inputs + i, o, rows: taps * inputs, columns: outputs))
          stored += 1
        }
      }
    }
  }
}
