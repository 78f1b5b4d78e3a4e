/// Options for reading a folder of images.
public struct ImageOptions: Sendable, Equatable {
  /// White.
  public static let defaultBackground: UInt8 = 255

  /// The width and height of every image; 28 for gray and 32 for color if nil.
  public var side: Int?
  /// 3 to read gray images as color, 1 to refuse color images; nil to decide by the files.
  public var channels: Int?
  /// The value of every channel behind transparent pixels.
  public var background = defaultBackground
  /// The seed of the split of a folder without parts.
  public var seed: UInt64
  /// True if all images of a folder without parts are for testing, because nothing was trained on
  /// it.
  public var testsWhole: Bool
  /// True to go on without files that cannot be read, as if they were not there.
  public var skipsUnreadable = false

  public init(
    side: Int? = nil, channels: Int? = nil, seed: UInt64 = 1, testsWhole: Bool = false
  ) {
    self.side = side
    self.channels = channels
    self.seed = seed
    self.testsWhole = testsWhole
  }
}
