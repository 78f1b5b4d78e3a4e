import Textbook

// Fast layers have channels innermost; the Textbook has them outermost, as PyTorch does.

/// The elements of examples in a fast layer's order, `[n, h, w, c]`.
func channelsLast(_ examples: [Volume<Double>]) -> [Float] {
  examples.flatMap { example in
    let pixels = example.rows * example.columns
    return (0..<pixels).flatMap { pixel in
      (0..<example.channels).map { Float(example.elements[$0 * pixels + pixel]) }
    }
  }
}

/// `values`, `[n, h, w, c]`, as examples with the shape of `model`.
func volumes(_ values: [Float], like model: [Volume<Double>]) -> [Volume<Double>] {
  var start = 0
  return model.map { example in
    defer { start += example.elements.count }
    return Volume(
      channels: example.channels, rows: example.rows, columns: example.columns
    ) { f, i, j in
      Double(values[start + (i * example.columns + j) * example.channels + f])
    }
  }
}

/// The same examples with every element rounded to single precision.
func rounded(_ examples: [Volume<Double>]) -> [Volume<Double>] {
  examples.map { $0.map { Double(Float($0)) } }
}

/// Concatenated elements as examples with the shape of `model`.
func unflattened(_ elements: [Double], like model: [Volume<Double>]) -> [Volume<Double>] {
  var start = 0
  return model.map { example in
    defer { start += example.elements.count }
    return Volume(
      shape: example.shape, elements: Array(elements[start..<start + example.elements.count]))
  }
}

/// The extents `[n, c, h, w]`, or `[n, c]` for vectors.
func extents(_ examples: [Volume<Double>]) -> [Int] {
  let shape = examples[0].shape
  return [examples.count] + (shape[1] == 1 && shape[2] == 1 ? [shape[0]] : shape)
}
