import Testing
import Textbook

/// Bilinear upsampling (lecture row L18) and nearest upsampling.
struct UpsamplingTests {
  @Test func interpolationMatricesAreAsComputedByHand() {
    #expect(
      linearInterpolation(2, factor: 2)
        == [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]] as Matrix<Double>)
    #expect(
      linearInterpolation(3, factor: 2) == [
        [1, 0, 0], [0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0.75, 0.25], [0, 0.25, 0.75], [0, 0, 1],
      ] as Matrix<Double>)
    #expect(linearInterpolation(1, factor: 3) == [[1], [1], [1]] as Matrix<Double>)
    #expect(linearInterpolation(3, factor: 1) == .identity(3) as Matrix<Double>)
    #expect(
      nearestInterpolation(2, factor: 2) == [[1, 0], [1, 0], [0, 1], [0, 1]] as Matrix<Int>)
  }

  @Test func bothUpsamplingsAreAsComputedByHand() {
    let p = volume([[0, 4], [8, 12]] as Matrix<Double>)
    #expect(
      bilinearUpsampling(p, factor: 2)
        == volume([[0, 1, 3, 4], [2, 3, 5, 6], [6, 7, 9, 10], [8, 9, 11, 12]]))
    #expect(
      nearestUpsampling(p, factor: Extent(1, 2)) == volume([[0, 0, 4, 4], [8, 8, 12, 12]]))
    let dq = volume([[1, 2, 3, 4], [5, 6, 7, 8]] as Matrix<Double>)
    #expect(nearestUpsamplingBackward(dq, factor: 2) == volume([[14, 22]]))
    #expect(bilinearUpsamplingBackward(dq, factor: Extent(2, 4)) == volume([[36]]))
  }

  /// Linear away from the edges, where the coordinates are clamped.
  @Test func upsamplingKeepsLinearAndConstantImages() {
    let ramp = volume(Matrix(rows: 4, columns: 5) { i, j in Double(6 * i - 3 * j) })
    let q = bilinearUpsampling(ramp, factor: 3)
    for i in 2..<10 {
      for j in 2..<13 {
        let expected = 2 * Double(i - 1) - Double(j - 1)
        #expect(abs(q[0, i, j] - expected) <= 1e-13)
      }
    }
    let constant = Volume(channels: 2, rows: 2, columns: 3) { f, _, _ in Double(f) + 0.5 }
    #expect(
      bilinearUpsampling(constant, factor: 2)
        == Volume(channels: 2, rows: 4, columns: 6) { f, _, _ in Double(f) + 0.5 })
  }

  static let shapes: [(Int, Int, Int, Int)] = (1...3).flatMap { h in
    (1...4).flatMap { w in [(h, w, 2, 2), (h, w, 1, 3)] }
  }

  @Test(arguments: shapes)
  func gradientsAreFiniteDifferences(h: Int, w: Int, vertical: Int, horizontal: Int) {
    var numbers = Numbers(seed: 10 * h + w)
    let factor = Extent(vertical, horizontal)
    let p: Volume<Double> = numbers.reals(2, h, w)
    let dq: Volume<Double> = numbers.reals(2, h * vertical, w * horizontal)
    expectGradient(bilinearUpsamplingBackward(dq, factor: factor), at: p) {
      dot(bilinearUpsampling($0, factor: factor), dq)
    }
    expectGradient(nearestUpsamplingBackward(dq, factor: factor), at: p) {
      dot(nearestUpsampling($0, factor: factor), dq)
    }
  }

  @Test func theGradientOfAnUpsampledConvolutionIsThatOfTheChain() {
    var numbers = Numbers(seed: 5)
    let p: Volume<Double> = numbers.reals(2, 2, 3)
    let w: Kernel<Double> = numbers.reals(1, 2, 3, 3)
    let b: Vector<Double> = numbers.reals(1)
    let q = upsampledConvolution2D(p, w, b, factor: 2, padding: 1)
    #expect(q.shape == [1, 4, 6])
    let dq: Volume<Double> = numbers.reals(1, 4, 6)
    let dp = bilinearUpsamplingBackward(
      convolution2DBackwardInput(dq, w, padding: 1), factor: 2)
    expectGradient(dp, at: p) {
      dot(upsampledConvolution2D($0, w, b, factor: 2, padding: 1), dq)
    }
  }
}
