@testable import Export

/// Convolution, pooling and resizing.
extension ONNXInterpreter {
  func pool(_ node: ONNXNode, _ x: Value) -> Value {
    let size = integers(node, "kernel_shape", [])
    let strides = integers(node, "strides", [1, 1])
    let pads = integers(node, "pads", [0, 0, 0, 0])
    let counts = integer(node, "count_include_pad") == 1
    let (h, w) = (x.shape[2], x.shape[3])
    return planes(
      x, (h + pads[0] + pads[2] - size[0]) / strides[0] + 1,
      (w + pads[1] + pads[3] - size[1]) / strides[1] + 1
    ) { plane, i, j in
      var window: [Double] = []
      for u in 0..<size[0] {
        for v in 0..<size[1] {
          let (row, column) = (i * strides[0] + u - pads[0], j * strides[1] + v - pads[1])
          if row >= 0, row < h, column >= 0, column < w { window.append(plane(row, column)) }
        }
      }
      if node.operation == "MaxPool" { return window.max()! }
      return window.reduce(0, +) / Double(counts ? size[0] * size[1] : window.count)
    }
  }

  func convolve(_ node: ONNXNode, _ x: Value, _ weight: Value, _ bias: Value?) -> Value {
    let strides = integers(node, "strides", [1, 1])
    let pads = integers(node, "pads", [0, 0, 0, 0])
    let groups = integer(node, "group") ?? 1
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (outputs, inputs, kh, kw) = (
      weight.shape[0], weight.shape[1], weight.shape[2], weight.shape[3]
    )
    let height = (h + pads[0] + pads[2] - kh) / strides[0] + 1
    let width = (w + pads[1] + pads[3] - kw) / strides[1] + 1
    var elements: [Double] = []
    for example in 0..<n {
      for g in 0..<outputs {
        let first = g / (outputs / groups) * inputs
        for i in 0..<height {
          for j in 0..<width {
            var sum = bias?.elements[g] ?? 0
            for f in 0..<inputs {
              for u in 0..<kh {
                for v in 0..<kw {
                  let (row, column) = (i * strides[0] + u - pads[0], j * strides[1] + v - pads[1])
                  guard row >= 0, row < h, column >= 0, column < w else { continue }
                  sum +=
                    x.elements[((example * c + first + f) * h + row) * w + column]
                    * weight.elements[((g * inputs + f) * kh + u) * kw + v]
                }
              }
            }
            elements.append(sum)
          }
        }
      }
    }
    return Value(shape: [n, outputs, height, width], elements: elements)
  }

  func convolveTransposed(
    _ node: ONNXNode, _ x: Value, _ weight: Value, _ bias: Value?
  ) -> Value {
    let strides = integers(node, "strides", [1, 1])
    let pads = integers(node, "pads", [0, 0, 0, 0])
    let more = integers(node, "output_padding", [0, 0])
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (outputs, kh, kw) = (weight.shape[1], weight.shape[2], weight.shape[3])
    let height = strides[0] * (h - 1) + more[0] + kh - pads[0] - pads[2]
    let width = strides[1] * (w - 1) + more[1] + kw - pads[1] - pads[3]
    var elements = [Double](repeating: 0, count: n * outputs * height * width)
    for index in x.elements.indices {
      let (column, row) = (index % w, index / w % h)
      let (g, example) = (index / (w * h) % c, index / (w * h * c))
      for f in 0..<outputs {
        for u in 0..<kh {
          for v in 0..<kw {
            let (i, j) = (row * strides[0] + u - pads[0], column * strides[1] + v - pads[1])
            guard i >= 0, i < height, j >= 0, j < width else { continue }
            elements[((example * outputs + f) * height + i) * width + j] +=
              x.elements[index] * weight.elements[((g * outputs + f) * kh + u) * kw + v]
          }
        }
      }
    }
    let y = Value(shape: [n, outputs, height, width], elements: elements)
    guard let bias else { return y }
    return broadcast(y, Value(shape: [outputs, 1, 1], elements: bias.elements), +)
  }

  func resize(_ node: ONNXNode, _ x: Value, _ scales: [Int]) -> Value {
    let (h, w) = (x.shape[2], x.shape[3])
    let isNearest = text(node, "mode") == "nearest"
    precondition(
      text(node, "coordinate_transformation_mode") == (isNearest ? "asymmetric" : "half_pixel"))
    return planes(x, h * scales[2], w * scales[3]) { plane, i, j in
      if isNearest { return plane(i / scales[2], j / scales[3]) }
      func place(_ i: Int, _ scale: Int, _ extent: Int) -> (Int, Int, Double) {
        let position = min(
          max((Double(i) + 0.5) / Double(scale) - 0.5, 0), Double(extent - 1))
        let below = Int(position)
        return (below, min(below + 1, extent - 1), position - Double(below))
      }
      let (top, bottom, down) = place(i, scales[2], h)
      let (left, right, across) = place(j, scales[3], w)
      let upper = plane(top, left) * (1 - across) + plane(top, right) * across
      let lower = plane(bottom, left) * (1 - across) + plane(bottom, right) * across
      return upper * (1 - down) + lower * down
    }
  }
}
