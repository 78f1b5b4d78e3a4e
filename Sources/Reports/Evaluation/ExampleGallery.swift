import Training

/// The thumbnails of a report: mistakes by pair of classes, and the least sure right examples of each class.
///
/// A page has to stay small, so the number of bytes is limited. Mistakes are taken in turns: the worst of
/// each pair, the most frequent pair first, then the second of each pair, and so on.
struct ExampleGallery {
  /// Thumbnails of one cell of the confusion matrix.
  struct Group {
    let label: Int
    let prediction: Int
    /// The number of examples in the cell.
    let count: Int
    /// The places of the examples that are shown, the largest loss first.
    var places: [Int] = []
    var thumbnails: [HTMLImage] = []
  }

  /// The pairs of classes with a shown mistake, the most frequent first.
  let mistakes: [Group]
  /// The classes with a shown right example, in their order.
  let right: [Group]

  /// The longer side of a thumbnail in pixels.
  static let side = 64
  /// The greatest number of bytes of the elements of all mistakes.
  static let mistakeBytes = 2_500_000
  static let rightBytes = 400_000
  /// The greatest number of right examples of a class.
  static let rightCount = 8
  /// About the number of bytes of an element without its image, and of a group's heading.
  private static let elementBytes = 170

  init(_ result: ClassificationResult) throws(PNGError) {
    guard result.hasPictures else {
      (mistakes, right, shown) = ([], [], [])
      return
    }
    let classes = result.report.classes.count
    var cells: [Int: [Int]] = [:]
    for place in result.mistakes {
      cells[
        result.examples.labels[place] * classes + result.examples.predictions[place], default: []
      ].append(place)
    }
    let pairs = result.report.confusions.map { pair in
      (
        Group(label: pair.label, prediction: pair.prediction, count: pair.count),
        cells[pair.label * classes + pair.prediction] ?? []
      )
    }
    mistakes = try Self.filled(pairs, result, most: .max, bytes: Self.mistakeBytes)

    var hits = [[Int]](repeating: [], count: classes)
    for (place, label) in result.examples.labels.enumerated()
    where label == result.examples.predictions[place] { hits[label].append(place) }
    let groups = hits.enumerated().map { label, places in
      (
        Group(label: label, prediction: label, count: places.count),
        Array(result.examples.worstFirst(places).prefix(Self.rightCount))
      )
    }
    right = try Self.filled(groups, result, most: Self.rightCount, bytes: Self.rightBytes)
    shown = Set((mistakes + right).map { Cell(label: $0.label, prediction: $0.prediction) })
  }

  /// The groups with their thumbnails, taken in turns until `bytes` are used. Groups without any are left
  /// out.
  private static func filled(
    _ groups: [(group: Group, places: [Int])], _ result: ClassificationResult, most: Int,
    bytes: Int
  ) throws(PNGError) -> [Group] {
    var filled = groups.map(\.group)
    var used = 0
    var turn = 0
    var isLast = false
    filling: while !isLast && turn < most {
      isLast = true
      for (index, (_, places)) in groups.enumerated() where turn < places.count {
        isLast = false
        let image = try HTMLImage(result.image(places[turn]).reduced(toSide: side))
        used += (image.png.count + 2) / 3 * 4 + elementBytes + (turn == 0 ? elementBytes : 0)
        guard used <= bytes else { break filling }
        filled[index].places.append(places[turn])
        filled[index].thumbnails.append(image)
      }
      turn += 1
    }
    return filled.filter { !$0.places.isEmpty }
  }

  /// The number of mistakes that are shown.
  var shownMistakes: Int { mistakes.reduce(0) { $0 + $1.places.count } }

  /// The fragment of the address of a cell's images; nil if none is shown.
  func fragment(_ label: Int, _ prediction: Int) -> String? {
    shown.contains(Cell(label: label, prediction: prediction))
      ? Self.name(label, prediction) : nil
  }

  static func name(_ label: Int, _ prediction: Int) -> String { "cell-\(label)-\(prediction)" }

  private struct Cell: Hashable {
    let label: Int
    let prediction: Int
  }

  /// The cells with a shown image.
  private let shown: Set<Cell>
}
