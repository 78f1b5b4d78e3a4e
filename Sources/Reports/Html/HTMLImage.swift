import Files

/// A picture within a page, as a data URI of PNG.
public struct HTMLImage: Sendable {
  public let png: [UInt8]
  public let width: Int
  public let height: Int

  /// Encodes `raster`.
  public init(_ raster: Raster) throws(PNGError) {
    png = try PNG.encode(raster)
    (width, height) = (raster.width, raster.height)
  }

  /// An `img` element.
  ///
  /// - Parameters:
  ///   - alternative: what the picture shows, for readers who cannot see it.
  ///   - factor: the number of CSS pixels for each pixel.
  ///   - isSharp: true to show pixels as squares.
  public func element(alternative: String, factor: Double = 1, isSharp: Bool = false) -> HTML {
    let size = (
      Int((Double(width) * factor).rounded()), Int((Double(height) * factor).rounded())
    )
    let style: HTML = isSharp ? " class=\"sharp\"" : ""
    return """
      <img\(style) width="\(size.0)" height="\(size.1)" alt="\(alternative)" \
      src="data:image/png;base64,\(HTML(markup: Base64.encode(png)))">
      """
  }
}
