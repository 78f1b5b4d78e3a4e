import Tensors

// The rows of an example: threads without examples of their own share them, and those of an example that does not fit
// the cache go through several layers at a time.

/// The floats of an input whose rows threads share. Fewer take about as long as to wait for the other threads.
private let leastShared = 16_384

extension ExampleLayer {
  /// `backward` of a layer that sums no gradients of parameters. Threads without examples of their own share the rows.
  func sharedBackward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard lane.worker.threadCount > 1, dy.shape[0] == 1, dy.count >= leastShared,
      dy.shape.rank == 4, let dx, let layer = self as? any PixelwiseLayer
    else { return backward(dy, into: dx, of: pass, in: lane) }
    let parts = Worker.Parts(of: dy.shape[1], among: lane.worker.threadCount)
    lane.worker.share(parts.count) { part, worker in
      layer.backward(
        rows: parts.range(part), dy, into: dx, of: pass, in: lane.helped(by: worker))
    }
  }
}

extension ExampleRun.Step {
  /// Computes the outputs of some examples.
  func forward(
    _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    of examples: Range<Int>, in lane: Lane
  ) {
    let x = Tensor(input.with(examples: examples.count), at: x)
    let y = Tensor(output.with(examples: examples.count), at: y)
    let saved = savedState(of: examples)
    // Convolutions share an example in their own way.
    guard let rows, examples.count == 1, lane.worker.threadCount > 1,
      x.count >= leastShared, !(layer is any ConvolutionLayer)
    else { return layer.forward(x, into: y, saved: saved, in: lane) }
    let parts = Worker.Parts(of: y.shape[1], among: lane.worker.threadCount)
    lane.worker.share(parts.count) { part, worker in
      rows.forward(
        rows: parts.range(part), of: x, into: y, saved: saved, in: lane.helped(by: worker))
    }
  }

  /// Adds the gradients of the parameters, and sets `dx` unless it is nil.
  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    if parameters.isEmpty {
      layer.sharedBackward(dy, into: dx, of: pass, in: lane)
    } else {
      layer.backward(dy, into: dx, of: pass, in: lane)
    }
  }

  /// The place of the outputs of examples whose inputs lie at `x`.
  func y(
    of examples: Range<Int>, from x: UnsafeMutablePointer<Float>, _ memory: inout ThreadMemory
  ) -> UnsafeMutablePointer<Float> {
    switch y {
    case .stored(let y): y.base + examples.lowerBound * output.countPerExample
    case .passing, .recomputed: memory.next()
    case .passingInPlace, .recomputedInPlace: x
    }
  }
}

extension ExampleRun {
  /// One step of a chain while the rows of an example go through it.
  private struct Link {
    let x: Tensor
    let y: Tensor
    /// The rows of the output that are complete.
    var rows = 0
  }

  /// Computes the output of a chain for one example, some rows at a time.
  ///
  /// - Returns: the address of the output.
  func forwardByRows(
    _ chain: Range<Int>, _ example: Range<Int>, from x: UnsafeMutablePointer<Float>,
    in lane: Lane, _ memory: inout ThreadMemory
  ) -> UnsafeMutablePointer<Float> {
    withUnsafeTemporaryAllocation(of: Link.self, capacity: chain.count) { links in
      var x = x
      for (link, step) in zip(links.indices, steps[chain]) {
        let y = step.y(of: example, from: x, &memory)
        links.initializeElement(
          at: link,
          to: Link(
            x: Tensor(step.input.with(examples: 1), at: x),
            y: Tensor(step.output.with(examples: 1), at: y)))
        x = y
      }
      let (first, step) = (links[0], steps[chain.lowerBound])
      guard let layer = step.rows else { preconditionFailure("\(step.layer.name): not by rows") }
      let (rows, band) = (first.y.shape[1], layer.rowsAtATime(of: first.x.shape))
      for row in stride(from: 0, to: rows, by: band) {
        let end = min(row + band, rows)
        layer.forward(
          rows: row..<end, of: first.x, into: first.y, saved: step.savedState(of: example),
          in: lane)
        forward(end, chain, example, links, in: lane)
      }
      return x
    }
  }

  /// Computes what the other steps of a chain can, once the first one has completed so many rows.
  private func forward(
    _ rows: Int, _ chain: Range<Int>, _ example: Range<Int>,
    _ links: UnsafeMutableBufferPointer<Link>, in lane: Lane
  ) {
    var complete = rows
    for (number, step) in zip(links.indices, steps[chain]).dropFirst() {
      guard let layer = step.rows else { preconditionFailure("\(step.layer.name): not by rows") }
      let link = links[number]
      complete = layer.outputRows(within: complete, of: link.x.shape)
      guard complete > link.rows else { return }
      layer.forward(
        rows: link.rows..<complete, of: link.x, into: link.y,
        saved: step.savedState(of: example), in: lane)
      links[number].rows = complete
    }
  }

  /// The chains of a run whose examples do not fit the cache: for each step the number of steps from it on.
  ///
  /// The thread's memory has two blocks, which the steps write alternately. The rows of one step's output and of
  /// another's differ in size, so a chain ends before a step that would write a block that an earlier one reads or
  /// writes, unless it works in place. It also ends before a view, behind which the rows are others.
  static func chains(of steps: [Step]) -> [Int] {
    let blocks = blocks(of: steps)
    return steps.indices.map { first in
      var used: Set<Int> = []
      var next = first
      while next < steps.count, steps[next].rows != nil {
        if next > first, steps[next].input != steps[next - 1].output { break }
        let (input, output) = blocks[next]
        if next > first, output != input, let output, used.contains(output) { break }
        used.formUnion([input, output].compactMap(\.self))
        next += 1
      }
      return next - first
    }
  }

  /// The block of the thread's memory that each step reads, and that it writes; nil for other memory.
  private static func blocks(of steps: [Step]) -> [(input: Int?, output: Int?)] {
    var (input, written): (Int?, Int) = (nil, 0)
    return steps.map { step in
      let output: Int? =
        switch step.y {
        case .stored: nil
        case .passing, .recomputed: 1 - written
        case .passingInPlace, .recomputedInPlace: input
        }
      defer { input = output }
      if case .passing = step.y { written = 1 - written }
      if case .recomputed = step.y { written = 1 - written }
      return (input, output)
    }
  }
}
