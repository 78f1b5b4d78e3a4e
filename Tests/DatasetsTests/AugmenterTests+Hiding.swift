import Testing

@testable import Datasets
@testable import Files

extension AugmenterTests {
  /// A square around any pixel, whose center is always hidden; the color is the mean, 0.4.
  @Test func cutoutHidesASquare() throws {
    let images = ImageSet.plain(1, 6, 8, 255)
    let augmenter = try Augmenter("cutout(4)", of: images)
    var sizes: [Int: Int] = [:]
    for epoch in 0..<9_600 {
      let bytes = augmenter.bytes(0, epoch)
      let hidden = bytes.indices.filter { bytes[$0] != 255 }
      #expect(hidden.allSatisfy { bytes[$0] == 102 })
      let (rows, columns) = (Set(hidden.map { $0 / 8 }), Set(hidden.map { $0 % 8 }))
      #expect(hidden.count == rows.count * columns.count)
      sizes[hidden.count, default: 0] += 1
    }
    // For 3 of the 6 rows as center, four rows are hidden; for the others 2, 3 and 3. For 5 of the 8
    // columns as center, four columns are hidden.
    var expected: [Int: Int] = [:]
    for rows in [2, 3, 4, 4, 4, 3] {
      for columns in [2, 3, 4, 4, 4, 4, 4, 3] { expected[rows * columns, default: 0] += 200 }
    }
    #expect(sizes.keys.sorted() == expected.keys.sorted())
    for (size, count) in expected {
      #expect(
        abs(Double(sizes[size] ?? 0) - Double(count)) < 5 * Double(count).squareRoot(),
        "\(size): \(sizes)")
    }
  }

  @Test func erasesWithItsProbability() throws {
    try expectShare(0.3, of: "erase(0.3)", .plain(10, 24, 24, 255)) { bytes, _, _ in
      bytes.contains { $0 != 255 }
    }
  }

  /// From 2 to 33 % of the image; the ratio of height to width is from 0.3 to 3.3.
  @Test func erasesRectangles() throws {
    let augmenter = try Augmenter("erase(1)", of: .plain(1, 32, 32, 255))
    var (areas, tall): ([Double], Int) = ([], 0)
    for epoch in 0..<4_000 {
      let bytes = augmenter.bytes(0, epoch)
      let hidden = bytes.indices.filter { bytes[$0] == 102 }
      let rows = Set(hidden.map { $0 / 32 }).count
      let columns = Set(hidden.map { $0 % 32 }).count
      #expect(rows * columns == hidden.count && rows > 0 && rows < 32 && columns < 32)
      // Extents are rounded.
      #expect(Double(rows) - 0.5 <= 3.3 * (Double(columns) + 0.5))
      #expect(0.3 * (Double(columns) - 0.5) <= Double(rows) + 0.5)
      areas.append(Double(hidden.count) / 1024)
      if rows > columns { tall += 1 }
    }
    let mean = areas.reduce(0, +) / 4_000
    #expect(abs(mean - 0.175) < 0.008, "\(mean)")
    #expect(areas.min()! > 0.012 && areas.max()! < 0.36)
    #expect(abs(tall - 2_000) < 350, "\(tall)")
  }
}
