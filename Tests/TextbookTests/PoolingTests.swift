import Testing
import Textbook

/// Max pooling (lecture rows L8 and L9), average pooling and their windows.
struct PoolingTests {
  @Test func globalMaxPoolingIsAsComputedByHand() {
    let p: Vector<Int> = [1, 7, 3, 7]
    #expect(globalMaxPooling(p) == 7)
    #expect(globalMaxPoolingBackward(5, p) == [0, 5, 0, 0])
    let image = volume([[1, 2], [9, 9]], [[-1, -2], [-3, -4]] as Matrix<Int>)
    #expect(globalMaxPooling(image) == [9, -1])
    #expect(
      globalMaxPoolingBackward([3, 4], image) == volume([[0, 0], [3, 0]], [[4, 0], [0, 0]]))
  }

  @Test func maxPoolingOfAVectorIsAsComputedByHand() {
    // The example of the slide.
    #expect(maxPooling1D([1, 2, 3, 4, 5, 6] as Vector<Int>, 2) == [2, 4, 6])
    // The last region has one element only.
    let p: Vector<Int> = [3, 1, 2, 5, -4]
    #expect(maxPooling1D(p, 2) == [3, 5, -4])
    #expect(maxPooling1DBackward([10, 20, 30], p, 2) == [10, 0, 0, 20, 30])
    #expect(maxPooling1D(p, 7) == [5])
  }

  @Test func maxPoolingWithOverlapIsAsComputedByHand() {
    let p = volume([[1, 5, 2], [4, 3, 0], [0, 0, 6]] as Matrix<Int>)
    let window = PoolingWindow(2, stride: 1)
    #expect(maxPooling2D(p, window) == volume([[5, 5], [4, 6]]))
    #expect(
      maxPooling2DBackward(volume([[1, 2], [3, 4]]), p, window)
        == volume([[0, 3, 0], [3, 0, 0], [0, 0, 4]]))
  }

  @Test func theFirstOfEqualMaximaGetsTheGradient() {
    let p = volume([[1, 7, 7], [7, 0, 7]] as Matrix<Int>)
    let window = PoolingWindow(2, stride: 1)
    #expect(
      maxPooling2DBackward(volume([[10, 1]]), p, window) == volume([[0, 11, 0], [0, 0, 0]]))
  }

  @Test func paddingIsNeverTheMaximum() {
    let p = volume([[-1, -2], [-3, -4]] as Matrix<Int>)
    let window = PoolingWindow(3, stride: 2, padding: 1)
    #expect(maxPooling2D(p, window) == volume([[-1]]))
    #expect(maxPooling2D(p, PoolingWindow(2, stride: 1, padding: 1))[0].row(2) == [-3, -3, -4])
  }

  /// PyTorch's numbers of outputs. In the last two cases its rule drops a window that begins after the image.
  @Test(arguments: [
    (32, 3, 2, 0, false, 15), (32, 3, 2, 0, true, 16), (28, 2, 2, 0, false, 14),
    (7, 2, 2, 0, false, 3), (7, 2, 2, 0, true, 4), (1, 2, 2, 0, true, 1),
    (4, 3, 2, 1, false, 2), (4, 3, 2, 1, true, 3), (5, 2, 3, 1, true, 2), (3, 2, 4, 1, true, 1),
  ])
  func theNumberOfOutputsIsPyTorchs(
    n: Int, k: Int, s: Int, a: Int, roundsUp: Bool, expected: Int
  ) {
    let window = PoolingWindow(
      Extent(k), stride: Extent(s), padding: Extent(a), roundsUp: roundsUp)
    #expect(window.outputs(of: Extent(n)) == Extent(expected))
  }

  @Test func averagePoolingIsAsComputedByHand() {
    let p = volume([[1, 2, 3], [4, 5, 6], [7, 8, 9]] as Matrix<Double>)
    #expect(averagePooling2D(p, PoolingWindow(2, stride: 1)) == volume([[3, 4], [6, 7]]))
    // With the number of outputs rounded up, the last windows have two elements or one.
    let ragged = PoolingWindow(2, roundsUp: true)
    #expect(averagePooling2D(p, ragged) == volume([[3, 4.5], [7.5, 9]]))
    #expect(
      averagePooling2DBackward(volume([[4, 2], [2, 1]]), p, ragged)
        == volume([[1, 1, 1], [1, 1, 1], [1, 1, 1]]))
    // With padding, a window at a corner has one element and three places of padding.
    let bordered = PoolingWindow(2, padding: 1)
    #expect(averagePooling2D(p, bordered) == volume([[0.25, 1.25], [2.75, 7]]))
    #expect(
      averagePooling2D(p, bordered, countsPadding: false) == volume([[1, 2.5], [5.5, 7]]))
    // The last window has the element 12 and one place of padding. Its third place lies beyond the padding.
    let row = volume([[3, 6, 9, 12]] as Matrix<Double>)
    let hanging = PoolingWindow(
      Extent(1, 3), stride: Extent(1, 2), padding: Extent(0, 1), roundsUp: true)
    #expect(averagePooling2D(row, hanging) == volume([[3, 9, 6]]))
    #expect(averagePooling2D(row, hanging, countsPadding: false) == volume([[4.5, 9, 12]]))
    #expect(globalAveragePooling(p) == [5])
    #expect(
      globalAveragePoolingBackward([9], p)
        == Volume(shape: p.shape, elements: p.elements.map { _ in 1 }))
  }

  struct Case: CustomTestStringConvertible {
    var shape: (Int, Int, Int)
    var window: PoolingWindow
    var testDescription: String { "\(shape) \(window)" }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    let windows = [
      PoolingWindow(2), PoolingWindow(3), PoolingWindow(3, stride: 2),
      PoolingWindow(Extent(1, 3), stride: Extent(2, 1)), PoolingWindow(2, stride: 3),
      PoolingWindow(3, stride: 2, padding: 1),
      PoolingWindow(Extent(2, 4), stride: Extent(1, 3), padding: Extent(1, 2)),
    ]
    for shape in [(1, 4, 4), (2, 5, 7), (3, 6, 5)] {
      for window in windows {
        for roundsUp in [false, true] {
          var window = window
          window.roundsUp = roundsUp
          cases.append(Case(shape: shape, window: window))
        }
      }
    }
    return cases
  }()

  @Test(arguments: cases)
  func gradientsAreFiniteDifferences(_ example: Case) {
    var numbers = Numbers(seed: example.shape.1)
    let (c, h, w) = example.shape
    let window = example.window
    let p: Volume<Double> = numbers.spaced(c, h, w)
    let outputs = window.outputs(of: Extent(h, w))
    let dq: Volume<Double> = numbers.reals(c, outputs.rows, outputs.columns)
    expectGradient(maxPooling2DBackward(dq, p, window), at: p) {
      dot(maxPooling2D($0, window), dq)
    }
    for countsPadding in [true, false] {
      expectGradient(
        averagePooling2DBackward(dq, p, window, countsPadding: countsPadding), at: p
      ) { dot(averagePooling2D($0, window, countsPadding: countsPadding), dq) }
    }
  }

  @Test(arguments: 1...20)
  func gradientsOfGlobalPoolingAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let c = 1 + seed % 3
    let p: Volume<Double> = numbers.spaced(c, 1 + seed % 4, 1 + seed % 5)
    let dq: Vector<Double> = numbers.reals(c)
    expectGradient(globalMaxPoolingBackward(dq, p), at: p) { dot(globalMaxPooling($0), dq) }
    expectGradient(globalAveragePoolingBackward(dq, p), at: p) {
      dot(globalAveragePooling($0), dq)
    }
    let x: Vector<Double> = numbers.spaced(seed)
    expectGradient(globalMaxPoolingBackward(0.7, x), at: x) { 0.7 * globalMaxPooling($0) }
  }

  @Test(arguments: (1...8).flatMap { n in (1...4).map { k in (n, k) } })
  func maxPoolingOfAVectorEqualsThatOfAnImageOfOneRow(n: Int, k: Int) {
    var numbers = Numbers(seed: 10 * n + k)
    let p: Vector<Double> = numbers.spaced(n)
    let q = maxPooling1D(p, k)
    #expect(q.count == (n + k - 1) / k)
    let dq: Vector<Double> = numbers.reals(q.count)
    let dp = maxPooling1DBackward(dq, p, k)
    expectGradient(dp, at: p) { dot(maxPooling1D($0, k), dq) }

    let window = PoolingWindow(Extent(1, k), roundsUp: true)
    let row = Volume(shape: [1, 1, n], elements: p.elements)
    #expect(maxPooling2D(row, window).elements == q.elements)
    let drow = Volume(shape: [1, 1, q.count], elements: dq.elements)
    #expect(maxPooling2DBackward(drow, row, window).elements == dp.elements)
  }
}
