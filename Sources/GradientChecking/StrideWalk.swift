import Layers
import Tensors
import Terminal
import Textbook

/// A convolution with a stride on small whole numbers. The backward pass is computed in both of the
/// lecture's ways: by chaining (row L15) and directly (row L16).
public struct StrideWalk {
  private let p: Volume<Double>
  private let w: Kernel<Double>
  private let dq: Volume<Double>
  private let stride: Int
  private let plain: Volume<Double>
  private let q: Volume<Double>
  private let dplain: Volume<Double>
  private let chained: (dp: Volume<Double>, dw: Kernel<Double>)
  private let direct: (dp: Volume<Double>, dw: Kernel<Double>)
  private let fast: (q: Volume<Double>, dp: Volume<Double>, dw: Kernel<Double>)

  /// - Precondition: `1 ≤ kernel ≤ size`, `1 ≤ stride`.
  public init(size: Int, kernel k: Int, stride: Int, seed: UInt64, _ context: Context) {
    precondition(k >= 1 && k <= size && stride >= 1, "StrideWalk: a kernel of \(k) over \(size)")
    var draw = Draw(seed: seed, index: 3 << 20)
    func whole(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double(draw.number(-3...3)) }
    }
    let extent = Extent(size)
    p = Volume(shape: [1, size, size], elements: whole(size * size))
    w = Kernel(shape: [1, 1, k, k], elements: whole(k * k))
    self.stride = stride
    plain = convolution2D(p, w, [0], padding: 0)
    q = stridedConvolution2D(p, w, stride: stride, padding: 0)
    dq = Volume(shape: q.shape, elements: whole(q.elements.count))
    dplain = Volume([subsampleBackward(dq[0], stride, into: Extent(plain.rows, plain.columns))])
    chained = (
      stridedConvolution2DBackwardInputByChaining(
        dq, w, stride: stride, padding: 0, extent: extent),
      stridedConvolution2DBackwardKernelByChaining(dq, p, k: k, stride: stride, padding: 0)
    )
    direct = (
      stridedConvolution2DBackwardInput(dq, w, stride: stride, padding: 0, extent: extent),
      convolutionBackwardKernel(dq, p, size: Extent(k), stride: Extent(stride))
    )
    let layer = Convolution2D(
      "conv1", inputChannels: 1, outputChannels: 1, kernel: Extent2D(k), stride: Extent2D(stride),
      bias: false)
    layer.weight.setValues(stored: w.elements.map(Float.init))
    guard
      let run = try? FastLayerRun(
        [layer], x: channelsLast([p]), shape: [1, size, size, 1], dy: channelsLast([dq]), context)
    else { preconditionFailure("StrideWalk: the kernel fits") }
    fast = (
      volumes(run.y, like: [q])[0], volumes(run.dx, like: [p])[0],
      Kernel(shape: w.shape, elements: run.gradients[0].map(Double.init))
    )
  }

  /// True if chaining, the direct formulas and the fast layer give exactly the same numbers.
  public var agrees: Bool {
    chained == direct && fast.q == q && fast.dp == direct.dp && fast.dw == direct.dw
  }

  /// All steps as text, as on a blackboard.
  public var text: String {
    let k = w.rows
    let products = (p.elements.count * k * k, dq.elements.count * k * k)
    return """
      A convolution with stride \(stride) (lecture rows L14 to L16), one channel, without padding.

      FORWARD

      \(Figure([("p", p[0]), ("w", w[0, 0])]).text)
      L14: of the plain convolution w ⋆ p keep every output whose place is a multiple of \(stride)
      \(Figure([("w ⋆ p", plain[0]), ("q", q[0])]).text)
      BACKWARD, given
      \(Figure("∂L/∂q", dq).text)
      L15, by chaining: zeros where outputs were skipped, then the plain backward pass
      \(Figure("∂L/∂(w ⋆ p)", dplain).text)
        ∂L/∂p = flip2d(w) ⋆ pad(∂L/∂(w ⋆ p), \(k - 1)): \(products.0) multiplications
      \(Figure("∂L/∂p", chained.dp).text)
        ∂L/∂w = ∂L/∂(w ⋆ p) ⋆ p
      \(Figure("∂L/∂w", chained.dw).text)
      L16, directly: ∂L/∂p = Σ_ij embed(∂L/∂q_ij·w, [\(stride)·i, \(stride)·j]): \
      \(products.1) multiplications
      \(Figure("∂L/∂p", direct.dp).text)
      Chaining, the direct way and the fast layer \(agrees ? "agree exactly" : "DISAGREE").

      """
  }
}
