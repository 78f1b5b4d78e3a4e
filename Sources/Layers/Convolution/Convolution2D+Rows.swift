import Tensors

/// The forward pass by rows, where the algorithm computes rows. Several threads ask for them, so all but
/// ``dividesRows(of:)`` read the algorithm that was prepared.
extension Convolution2D {
  public func dividesRows(of input: Shape) -> Bool { algorithm(for: input).rowsAtATime != nil }

  public func rowsAtATime(of input: Shape) -> Int {
    prepared.rowsAtATime ?? geometry(input).rows.output
  }

  public func outputRows(within rows: Int, of input: Shape) -> Int {
    let axis = geometry(input).rows
    let complete = axis.outputs(within: rows)
    return complete == axis.output ? complete : complete - complete % rowsAtATime(of: input)
  }

  public func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane
  ) {
    prepared.forward(
      rows: rows, of: x.base, weight: weight.matrix, bias: bias?.values, into: y.base, in: lane)
  }
}
