import Testing
import Textbook

/// The functions that the formulas consist of.
struct PrimitiveTests {
  @Test func embedSurroundsElementsWithZeros() {
    #expect(embed([5, 6] as Vector<Int>, into: 5, at: 2) == [0, 0, 5, 6, 0])
    #expect(
      embed([[1, 2], [3, 4]] as Matrix<Int>, into: Extent(3, 4), at: 1, 2)
        == [[0, 0, 0, 0], [0, 0, 1, 2], [0, 0, 3, 4]])
  }

  @Test func onehotHasASingleOne() {
    // The lecture's onehot⁴(2), whose indices start from 1.
    #expect(onehot(4, 1) == [0, 1, 0, 0] as Vector<Int>)
    #expect(onehot(Extent(2, 3), 1, 0) == [[0, 0, 0], [1, 0, 0]] as Matrix<Int>)
  }

  @Test func cropTakesARangeOfElements() {
    let p: Vector<Int> = [1, 2, 3, 4, 5]
    #expect(crop(p, 3, from: 1) == [2, 3, 4])
    let image: Matrix<Int> = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    #expect(crop(image, Extent(2, 1), from: 1, 2) == [[6], [9]])
  }

  @Test func cropAroundReadsZeroOutside() {
    let p: Vector<Int> = [1, 2, 3, 4]
    #expect(crop(p, 3, around: 0) == [0, 1, 2])
    #expect(crop(p, 3, around: 2) == [2, 3, 4])
    #expect(crop(p, 3, around: 3) == [3, 4, 0])
    #expect(crop(p, 5, around: 1) == [0, 1, 2, 3, 4])
    let image: Matrix<Int> = [[1, 2], [3, 4]]
    #expect(crop(image, 3, around: 0, 1) == [[0, 0, 0], [1, 2, 0], [3, 4, 0]])
  }

  @Test func shiftMovesElementsAndFillsWithZeros() {
    let p: Vector<Int> = [1, 2, 3]
    #expect(shift(p, -1) == [0, 1, 2])
    #expect(shift(p, 0) == p)
    #expect(shift(p, 1) == [2, 3, 0])
    #expect(shift(p, 5) == [0, 0, 0])
    let image: Matrix<Int> = [[1, 2, 3], [4, 5, 6]]
    #expect(shift(image, 1, -1) == [[0, 4, 5], [0, 0, 0]])
  }

  @Test func flipReversesTheElements() {
    #expect(flip([1, 2, 3] as Vector<Int>) == [3, 2, 1])
    #expect(flip2d([[1, 2, 3], [4, 5, 6]] as Matrix<Int>) == [[6, 5, 4], [3, 2, 1]])
  }

  @Test func padSurroundsWithZeros() {
    #expect(pad([1, 2] as Vector<Int>, 2) == [0, 0, 1, 2, 0, 0])
    #expect(
      pad([[1, 2]] as Matrix<Int>, 1) == [[0, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]])
    #expect(
      pad([[7]] as Matrix<Int>, Padding(top: 1, left: 2, bottom: 0, right: 1))
        == [[0, 0, 0, 0], [0, 0, 7, 0]])
    #expect(
      pad(volume([[1]], [[2]] as Matrix<Int>), Padding(rows: 0, columns: 1))
        == volume([[0, 1, 0]], [[0, 2, 0]]))
  }

  @Test func crossCorrelationMovesTheLeftOperandOverTheRight() {
    #expect([1, 10] as Vector<Int> ⋆ [1, 2, 3] == [21, 32])
    #expect(
      [[1, 10]] as Matrix<Int> ⋆ [[1, 2, 3], [4, 5, 6]] == [[21, 32], [54, 65]])
  }

  @Test(arguments: 0..<20)
  func embedIsTheAdjointOfCrop(seed: Int) {
    var numbers = Numbers(seed: seed)
    let n = numbers.integer(1...9)
    let k = numbers.integer(1...n)
    let place = numbers.integer(0...n - k)
    let x: Vector<Int> = numbers.integers(k)
    let y: Vector<Int> = numbers.integers(n)
    #expect(dot(embed(x, into: n, at: place), y) == dot(x, crop(y, k, from: place)))

    let extent = Extent(numbers.integer(2...6), numbers.integer(2...6))
    let block: Matrix<Int> = numbers.integers(2, 1)
    let image: Matrix<Int> = numbers.integers(extent.rows, extent.columns)
    let i = numbers.integer(0...extent.rows - 2)
    let j = numbers.integer(0...extent.columns - 1)
    #expect(
      dot(embed(block, into: extent, at: i, j), image)
        == dot(block, crop(image, Extent(2, 1), from: i, j)))
  }

  @Test(arguments: -3...3)
  func shiftIsACropOfThePaddedTensor(distance: Int) {
    let p: Vector<Int> = [3, 1, 4, 1, 5]
    #expect(shift(p, distance) == crop(pad(p, 3), 5, from: 3 + distance))
    let image: Matrix<Int> = [[3, 1, 4], [1, 5, 9]]
    #expect(
      shift(image, distance, -distance)
        == crop(pad(image, 3), Extent(2, 3), from: 3 + distance, 3 - distance))
  }
}
