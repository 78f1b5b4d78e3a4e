import CKernels
import Testing

@testable import Tensors

/// Every kernel set gives exactly the bits that a kernel's definition says, on values whose results are
/// rounded. An element after the last one shows that no kernel writes beyond the end.
@Suite struct KernelBitsTests {
  /// Counts around whole vectors of 4, 8 and 16 floats.
  static let counts = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100]

  private func draw(_ count: Int, _ random: inout Random) -> [Float] {
    (0..<count).map { _ in 2 * random.uniform() - 1 }
  }

  @Test(arguments: KernelSet.available)
  func aSumOfSquaresIsATreeOf16PartialSums(_ set: KernelSet) {
    var random = Random(seed: 2, domain: .augmentation)
    for count in Self.counts {
      let x = draw(count, &random)
      var chains = [Double](repeating: 0, count: 16)
      for (i, x) in x.enumerated() { chains[i % 16] += Double(x) * Double(x) }
      for width in [8, 4, 2, 1] {
        for c in 0..<width { chains[c] += chains[c + width] }
      }
      #expect(set.table!.pointee.sum_of_squares(x, count) == chains[0])
    }
  }

  /// Terms of equal k % 16 are summed in order by fused multiply-adds over all segments, and the 16 sums as a tree.
  @Test(arguments: KernelSet.available)
  func aDotProductIsATreeOf16PartialSums(_ set: KernelSet) {
    var random = Random(seed: 15, domain: .augmentation)
    for length in [1, 5, 15, 16, 17, 40] {
      for (rows, columns) in [(1, 1), (2, 3), (7, 4), (13, 5), (6, 12)] {
        let (lines, segments, row, segment, line) = (2, 3, 9, 150, 500)
        let a = draw(lines * line + segments * segment + rows * row + length, &random)
        let b = draw(columns * segments * length, &random)
        let bias = columns % 2 == 0 ? draw(columns, &random) : nil
        var c = [Float](repeating: 9, count: lines * rows * columns + 1)
        c.withUnsafeMutableBufferPointer { c in
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              (bias ?? []).withUnsafeBufferPointer { start in
                var product = dots(
                  lines: lines, rows: rows, columns: columns, segments: segments, length: length,
                  a: a.baseAddress, a_line: line, a_row: row, a_segment: segment,
                  b: b.baseAddress, b_row: segments * length,
                  bias: bias == nil ? nil : start.baseAddress, c: c.baseAddress,
                  c_line: rows * columns, c_row: columns)
                set.table!.pointee.multiply_dots(&product)
              }
            }
          }
        }
        var expected: [Float] = []
        for (l, r) in (0..<lines * rows).map({ ($0 / rows, $0 % rows) }) {
          for j in 0..<columns {
            var chains = [Float](repeating: 0, count: 16)
            for (s, k) in (0..<segments * length).map({ ($0 / length, $0 % length) }) {
              chains[k % 16].addProduct(
                a[l * line + r * row + s * segment + k], b[(j * segments + s) * length + k])
            }
            for width in [8, 4, 2, 1] {
              for i in 0..<width { chains[i] += chains[i + width] }
            }
            expected.append(chains[0] + (bias?[j] ?? 0))
          }
        }
        #expect(c == expected + [9], "\(length) terms, \(rows) × \(columns)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func rowsAreAddedInTheirOrder(_ set: KernelSet) {
    var random = Random(seed: 3, domain: .augmentation)
    for columns in Self.counts {
      let rows = 1 + random.integer(below: 9)
      let row = columns + random.integer(below: 5)
      let x = draw(rows * row, &random)
      let start = draw(columns, &random)
      var sums = start + [9]
      set.table!.pointee.add_rows(x, rows, row, columns, &sums)
      let expected = (0..<columns).map { c in
        (0..<rows).reduce(start[c]) { $0 + x[$1 * row + c] }
      }
      #expect(sums == expected + [9])
    }
  }

  @Test(arguments: KernelSet.available)
  func elementsAndBiasesAreAdded(_ set: KernelSet) {
    let kernels = set.table!.pointee
    var random = Random(seed: 14, domain: .augmentation)
    for count in Self.counts {
      let (x, z) = (draw(count, &random), draw(count, &random))
      var y = [Float](repeating: 3, count: count + 1)
      kernels.add(x, z, &y, count)
      #expect(y == zip(x, z).map { $0 + $1 } + [3])
      // In place.
      var sum = x + [3]
      sum.withUnsafeMutableBufferPointer { kernels.add($0.baseAddress!, z, $0.baseAddress!, count) }
      #expect(sum == y)
    }
    // Rows shorter than a vector, which vectors span, and rows of several vectors.
    for columns in 1...40 {
      for rows in [1, 2, 3, 7, 16, 19] {
        let bias = draw(columns, &random)
        let start = draw(rows * columns, &random)
        var y = start + [9]
        kernels.add_bias(bias, rows, columns, &y)
        #expect(y == start.indices.map { start[$0] + bias[$0 % columns] } + [9], "\(columns)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func reluKeepsPositiveNumbersAndNaN(_ set: KernelSet) {
    let kernels = set.table!.pointee
    let edges: [Float] = [
      0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .infinity, -.infinity, .nan, 1, -1,
    ]
    for count in Self.counts {
      let x = (0..<count).map { edges[($0 * 5 + count) % edges.count] }
      let dy = (0..<count).map { Float($0 + 1) }
      var y = [Float](repeating: 3, count: count + 1)
      kernels.relu(x, &y, count)
      var dx = [Float](repeating: 3, count: count + 1)
      kernels.relu_backward(y, dy, &dx, count)
      for i in 0..<count {
        if x[i].isNaN { #expect(y[i].isNaN) } else { #expect(y[i] == max(0, x[i])) }
        #expect(dx[i] == (x[i] > 0 ? dy[i] : 0))
      }
      #expect(y[count] == 3 && dx[count] == 3, "beyond the end")
    }
  }

  /// The portable kernels compute each element alone, for comparison.
  @Test(arguments: KernelSet.available)
  func aGELUAndAProductDoNotDependOnTheVectorWidth(_ set: KernelSet) {
    let kernels = set.table!.pointee
    let portable = KernelSet.portable.table!.pointee
    var random = Random(seed: 6, domain: .augmentation)
    for count in Self.counts {
      let x = draw(count, &random).map { 8 * $0 }
      let dy = draw(count, &random)
      var found = (
        y: [Float](repeating: 3, count: count + 1), dx: [Float](repeating: 3, count: count + 1),
        product: [Float](repeating: 3, count: count + 1)
      )
      kernels.gelu(x, &found.y, count)
      kernels.gelu_backward(x, dy, &found.dx, count)
      kernels.scale(0.3, x, &found.product, count)
      for i in 0..<count {
        var (y, dx): (Float, Float) = (0, 0)
        portable.gelu([x[i]], &y, 1)
        portable.gelu_backward([x[i]], [dy[i]], &dx, 1)
        #expect(found.y[i] == y && found.dx[i] == dx && found.product[i] == 0.3 * x[i])
      }
      #expect([found.y[count], found.dx[count], found.product[count]] == [3, 3, 3])
    }
  }

  /// The portable kernels compute each element alone, for comparison. The arguments reach into the range
  /// where the functions are constant.
  @Test(arguments: KernelSet.available)
  func sigmoidAndTanhDoNotDependOnTheVectorWidth(_ set: KernelSet) {
    let kernels = set.table!.pointee
    let portable = KernelSet.portable.table!.pointee
    var random = Random(seed: 7, domain: .augmentation)
    for count in Self.counts {
      let x = draw(count, &random).map { 110 * $0 * $0 * $0 }
      let dy = draw(count, &random)
      var found = [[Float]](repeating: [Float](repeating: 3, count: count + 1), count: 4)
      kernels.sigmoid(x, &found[0], count)
      kernels.sigmoid_backward(found[0], dy, &found[1], count)
      kernels.hyperbolic_tangent(x, &found[2], count)
      kernels.hyperbolic_tangent_backward(found[2], dy, &found[3], count)
      for i in 0..<count {
        var alone: [Float] = [0, 0, 0, 0]
        portable.sigmoid([x[i]], &alone[0], 1)
        portable.sigmoid_backward([alone[0]], [dy[i]], &alone[1], 1)
        portable.hyperbolic_tangent([x[i]], &alone[2], 1)
        portable.hyperbolic_tangent_backward([alone[2]], [dy[i]], &alone[3], 1)
        #expect(found.map { $0[i].bitPattern } == alone.map(\.bitPattern))
      }
      #expect(found.map { $0[count] } == [3, 3, 3, 3])
    }
  }

  /// The stream starts at several counters; the last case passes the greatest counter.
  @Test(arguments: KernelSet.available)
  func dropoutUsesTheWordsOfItsRandomStream(_ set: KernelSet) {
    let kernels = set.table!.pointee
    let random = Random(seed: 1 << 63 + 5, domain: .dropout, index: 6, epoch: 7)
    for count in Self.counts + [1_000] {
      for (block, threshold) in [
        (0, 1 << 31), (3, 1), (77, UInt32.max), (UInt32.max - 2, 0xC000_0000),
      ] as [(UInt32, UInt32)] {
        var settings = dropout(stream: random.stream, threshold: threshold, scale: 4)
        let x = (0..<count).map { Float($0 + 1) }
        var y = [Float](repeating: -1, count: count + 1)
        var dx = y
        var kept = [UInt8](repeating: 9, count: count + 1)
        kernels.dropout(&settings, block, x, &y, &kept, count)
        kernels.dropout_backward(4, kept, x, &dx, count)
        for i in 0..<count {
          let words = philox4x32(
            counter: (block &+ UInt32(i / 4), 6, 7, RandomDomain.dropout.rawValue),
            key: (5, 1 << 31))
          let word = [words.0, words.1, words.2, words.3][i % 4]
          #expect(kept[i] == (word >= threshold ? 1 : 0))
          #expect(y[i] == (word >= threshold ? 4 * x[i] : 0) && dx[i] == y[i])
        }
        #expect(y[count] == -1 && dx[count] == -1 && kept[count] == 9)
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func aPowerOfTwoOfLanesIsAddedAsABalancedTree(_ set: KernelSet) {
    var random = Random(seed: 4, domain: .augmentation)
    for count in Self.counts {
      for laneCount in [1, 2, 16, 64] {
        let lanes = draw(laneCount * count, &random)
        let start = draw(count, &random)
        var sum = start
        set.table!.pointee.add_lanes(lanes, count, laneCount, .max, &sum, count)
        for i in 0..<count {
          var level = (0..<laneCount).map { lanes[$0 * count + i] }
          while level.count > 1 {
            level = (0..<level.count / 2).map { level[2 * $0] + level[2 * $0 + 1] }
          }
          #expect(sum[i] == start[i] + level[0])
        }
      }
    }
  }
}
