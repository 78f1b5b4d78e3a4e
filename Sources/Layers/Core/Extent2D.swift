/// A height and a width, of a kernel, a window, a stride or a padding.
public struct Extent2D: Equatable, Hashable, Sendable, ExpressibleByIntegerLiteral,
  CustomStringConvertible
{
  public let height: Int
  public let width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// Equal height and width.
  public init(_ extent: Int) { self.init(extent, extent) }
  public init(integerLiteral extent: Int) { self.init(extent) }

  public var description: String { "\(height)×\(width)" }
}
