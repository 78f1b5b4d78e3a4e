/// The one to four extents of a tensor. The first extent is usually the number of examples.
public struct Shape: Equatable, Hashable, Sendable, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// The greatest number of extents.
  public static let greatestRank = 4

  public let rank: Int
  // A tuple needs no allocation. Unused extents are 1.
  private let extents: (Int, Int, Int, Int)

  public init(_ extents: [Int]) {
    precondition(
      (1...Self.greatestRank).contains(extents.count), "a shape of \(extents.count) extents")
    precondition(extents.allSatisfy { $0 >= 0 }, "a negative extent in \(extents)")
    rank = extents.count
    func extent(_ axis: Int) -> Int { axis < extents.count ? extents[axis] : 1 }
    self.extents = (extent(0), extent(1), extent(2), extent(3))
  }

  private init(rank: Int, extents: (Int, Int, Int, Int)) {
    self.rank = rank
    self.extents = extents
  }

  public init(arrayLiteral extents: Int...) { self.init(extents) }

  public subscript(axis: Int) -> Int {
    precondition(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
    switch axis {
    case 0: return extents.0
    case 1: return extents.1
    case 2: return extents.2
    default: return extents.3
    }
  }

  /// The number of elements.
  public var count: Int { extents.0 * extents.1 * extents.2 * extents.3 }

  /// The number of elements of one example: all extents but the first.
  public var countPerExample: Int { extents.1 * extents.2 * extents.3 }

  /// The same shape for `count` examples.
  public func with(examples count: Int) -> Shape {
    Shape(rank: rank, extents: (count, extents.1, extents.2, extents.3))
  }

  public var array: [Int] { (0..<rank).map { self[$0] } }

  public var description: String {
    "[" + array.map(String.init).joined(separator: ", ") + "]"
  }

  public static func == (a: Shape, b: Shape) -> Bool {
    a.rank == b.rank && a.extents == b.extents
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(array) }
}
