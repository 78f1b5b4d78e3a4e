import Layers
import Tensors

/// An affine map of each channel, `y = scale·x + shift`.
struct ChannelMap {
  let scale: [Double]
  let shift: [Double]

  /// The map that `normalization` computes in evaluation.
  init(_ normalization: BatchNormalization) {
    let values = (0..<normalization.channels).map { channel in
      let scale =
        Double(normalization.weight.values[channel])
        / (Double(normalization.runningVariance.values[channel]) + normalization.epsilon)
        .squareRoot()
      let mean = Double(normalization.runningMean.values[channel])
      return (scale, Double(normalization.bias.values[channel]) - mean * scale)
    }
    scale = values.map(\.0)
    shift = values.map(\.1)
  }

  /// Sets each column of `result` to the one of `matrix` times its channel's scale.
  ///
  /// - Returns: true if all results are finite.
  func scaleColumns(of matrix: PanelMatrix, into result: PanelMatrix) -> Bool {
    var areFinite = true
    for panel in 0..<matrix.panelCount {
      let (columns, width) = (matrix.columnRange(ofPanel: panel), matrix.width(ofPanel: panel))
      for row in 0..<matrix.rows {
        let source = matrix.panel(panel) + row * width
        let target = result.panel(panel) + row * width
        for (place, channel) in columns.enumerated() {
          target[place] = Float(Double(source[place]) * scale[channel])
          areFinite = areFinite && target[place].isFinite
        }
      }
    }
    return areFinite
  }

  /// Sets each row of `result` to the one of `matrix` times the scale of its channel. Channels are
  /// the innermost index of rows.
  ///
  /// - Returns: true if all results are finite.
  func scaleRows(of matrix: PanelMatrix, into result: PanelMatrix) -> Bool {
    var areFinite = true
    for panel in 0..<matrix.panelCount {
      let (columns, width) = (matrix.columnRange(ofPanel: panel), matrix.width(ofPanel: panel))
      for row in 0..<matrix.rows {
        let scale = scale[row % scale.count]
        let source = matrix.panel(panel) + row * width
        let target = result.panel(panel) + row * width
        for place in 0..<columns.count {
          target[place] = Float(Double(source[place]) * scale)
          areFinite = areFinite && target[place].isFinite
        }
      }
    }
    return areFinite
  }

  /// Sets `result` to the map's values at `bias`, or at 0.
  ///
  /// - Returns: true if all results are finite.
  func apply(toBias bias: Parameter?, into result: Parameter) -> Bool {
    var areFinite = true
    for channel in scale.indices {
      let value = bias.map { Double($0.values[channel]) } ?? 0
      result.values[channel] = Float(scale[channel] * value + shift[channel])
      areFinite = areFinite && result.values[channel].isFinite
    }
    return areFinite
  }
}
