import Tensors
import TestSupport
import Testing

@testable import Layers

/// Every tile of Winograd, whichever the estimate would choose.
extension ConvolutionTests {
  private static let tiles: [any TiledAlgorithm.Type] = [
    Tiled<2, 2>.self, Tiled<3, 3>.self, Tiled<4, 4>.self, Tiled<5, 5>.self, Tiled<6, 6>.self,
    Tiled<7, 7>.self, Tiled<8, 4>.self,
  ]

  /// Images of more than one tile, whose last tiles are cut, and channels that fill no vector.
  @Test(arguments: KernelSet.available)
  func everyTileIsCloseToDouble(_ set: KernelSet) throws {
    for kernel in 2...7 {
      for tile in WinogradTiling.Tile.all(kernel: kernel) {
        let algorithm = try #require(Self.tiles.first { $0.tile == tile })
        for (inputs, outputs) in [(19, 32), (40, 18)] {
          let c = ConvolutionCase(
            kernel: kernel, extent: tile.rows + 3, inputs: inputs, outputs: outputs)
          let convolution = WinogradConvolution(c.geometry, tile: tile)
          try check(c, algorithm, set, within: Self.winogradTolerance(convolution))
        }
      }
    }
  }

  /// The estimate chooses the tile: with few channels the transforms decide, with many channels the products.
  /// `docs/architecture.md` has these examples.
  @Test func tilesDependOnChannels() {
    func tile(_ kernel: Int, _ extent: Int, _ inputs: Int, _ outputs: Int) -> WinogradTiling.Tile {
      let c = ConvolutionCase(kernel: kernel, extent: extent, inputs: inputs, outputs: outputs)
      return WinogradConvolution(c.geometry).tiling.tile
    }
    #expect(tile(5, 14, 16, 32) == WinogradTiling.Tile(5))
    #expect(tile(3, 7, 16, 16) == WinogradTiling.Tile(4))
    #expect(tile(3, 7, 256, 256) == WinogradTiling.Tile(7))
    #expect(tile(3, 32, 64, 64) == WinogradTiling.Tile(8, 4))
  }
}

private protocol TiledAlgorithm: ConvolutionAlgorithm {
  static var tile: WinogradTiling.Tile { get }
}

/// Winograd with one tile.
private final class Tiled<let rows: Int, let columns: Int>: TiledAlgorithm {
  static var tile: WinogradTiling.Tile { WinogradTiling.Tile(rows, columns) }
  static var name: String { WinogradConvolution.name }
  static func supports(_ geometry: ConvolutionGeometry) -> Bool {
    WinogradConvolution.supports(geometry)
  }

  private let convolution: WinogradConvolution

  init(_ geometry: ConvolutionGeometry) {
    convolution = WinogradConvolution(geometry, tile: Self.tile)
  }

  var scratchCount: Int { convolution.scratchCount }

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    convolution.prepareForward(weight, in: context)
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    convolution.prepareBackward(weight, givesInputGradient: givesInputGradient, in: context)
  }

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) { convolution.forward(x, count: count, weight: weight, bias: bias, into: y, in: lane) }

  func beginBackward(in lane: Lane) { convolution.beginBackward(in: lane) }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) { convolution.backward(x, dy, count: count, into: dx, addingTo: gradient, in: lane) }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    convolution.endBackward(addingTo: gradient, in: lane)
  }
}
