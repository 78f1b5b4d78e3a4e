// The parameters `θ` of a layer with weights `w` and a bias `b`, or a scale and a shift, as one vector.

/// `θ`: `vec(w)`, then `b`. Gradients have the same order.
func flattened<G: Grid>(_ w: G, _ b: Vector<G.Scalar>) -> Vector<G.Scalar> {
  Vector(w.elements + b.elements)
}

/// The two parts of `θ`, in the shapes of `w` and `b`.
func parts<G: Grid>(
  of parameters: Vector<G.Scalar>, like w: G, _ b: Vector<G.Scalar>
) -> (G, Vector<G.Scalar>) {
  let count = w.elements.count
  precondition(
    parameters.count == count + b.count, "\(parameters.count) parameters for \(count) + \(b.count)")
  return (
    G(shape: w.shape, elements: Array(parameters.elements.prefix(count))),
    Vector(Array(parameters.elements.dropFirst(count)))
  )
}
