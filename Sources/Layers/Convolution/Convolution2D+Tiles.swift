import Tensors

/// Winograd's method with a given tile, for measurements that fit the constants of ``ConvolutionCost``.
extension Convolution2D {
  /// Names such as `winograd 4×4`, one for each tile. There are none where Winograd's method does not compute images of
  /// `input`'s extents, or computes them by parts.
  package func winogradTiles(for input: Shape) -> [String] {
    tiled(input).map { Self.name(ofTile: $0.tiling.tile) }
  }

  /// The name of the tile that the automatic choice takes for images of `input`'s extents, if ``winogradTiles(for:)``
  /// has it.
  package func chosenWinogradTile(for input: Shape) -> String? {
    tiled(input).isEmpty ? nil : Self.name(ofTile: WinogradTiling.tile(for: geometry(input)))
  }

  /// Computes images of `input`'s extents with the tile of one of ``winogradTiles(for:)``.
  ///
  /// - Returns: false, and changes nothing, for other names.
  package func setWinogradTile(_ name: String, for input: Shape) -> Bool {
    guard let winograd = winograd(name, for: input) else { return false }
    algorithm.set(winograd, for: geometry(input))
    return true
  }

  /// The counts of ``ConvolutionCost`` with the tile of one of ``winogradTiles(for:)``; nil for other names.
  func costCounts(ofTile name: String, for input: Shape) -> [Double]? {
    winograd(name, for: input).map { ConvolutionCost.winograd($0, part: nil).counts }
  }

  private func winograd(_ name: String, for input: Shape) -> WinogradConvolution? {
    tiled(input).first { Self.name(ofTile: $0.tiling.tile) == name }
  }

  private func tiled(_ input: Shape) -> [WinogradConvolution] {
    let geometry = geometry(input)
    guard geometry.groups == 1, WinogradConvolution.supports(geometry),
      geometry.cropped(for: WinogradConvolution.self) == geometry
    else { return [] }
    return WinogradTiling.Tile.all(kernel: ConvolutionPhases(geometry).inner.rows.kernel)
      .map { WinogradConvolution(geometry, tile: $0) }
  }

  private static func name(ofTile tile: WinogradTiling.Tile) -> String {
    "\(WinogradConvolution.name) \(tile)"
  }
}
