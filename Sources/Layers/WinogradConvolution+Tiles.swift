import CKernels
import Tensors

/// The steps of Winograd's passes on a block of tiles, counted among the images of a group.
extension WinogradConvolution {
  /// `V = Bᵀ x B`, from padded images.
  func transformInputs(
    _ tiles: Range<Int>, of padded: UnsafePointer<Float>, into v: UnsafeMutablePointer<Float>,
    _ layout: WinogradPoints, _ transforms: winograd
  ) {
    for (slot, tile) in tiles.enumerated() {
      transforms.input(
        padded + tiling.inputOffset(of: tiling.place(of: tile)),
        tiling.paddedWidth * tiling.inputs, tiling.inputs, v + slot * layout.width, layout.point,
        layout.block)
    }
  }

  /// `∂M = A ∂y Aᵀ`.
  func transformGradients(
    _ tiles: Range<Int>, of dy: UnsafePointer<Float>, into m: UnsafeMutablePointer<Float>,
    _ layout: WinogradPoints, _ transforms: winograd
  ) {
    for (slot, tile) in tiles.enumerated() {
      let place = tiling.place(of: tile)
      transforms.output_adjoint(
        dy + tiling.outputOffset(of: place), geometry.columns.output * geometry.outputs,
        geometry.outputs, geometry.rows.output - place.row, geometry.columns.output - place.column,
        m + slot * layout.width, layout.point, layout.block)
    }
  }

  /// For each point the columns of one panel of `c_p = a_p · b_p`.
  ///
  /// A panel at a time, so that `c` stays in the cache until it is transformed.
  func multiply(
    _ a: UnsafePointer<Float>, _ from: WinogradPoints, _ tiles: Int,
    by matrices: UnsafePointer<Float>, _ matrixPoint: Int, panel: Int,
    into c: UnsafeMutablePointer<Float>, _ to: WinogradPanel, _ kernels: kernels
  ) {
    var product = product(
      lines: 1, rows: tiles, columns: to.width, segments: from.blocks, length: from.width,
      a: a, a_line: 0, a_row: from.width, a_segment: from.block, panel: matrices, bias: nil,
      c: c, c_line: 0, c_row: to.tile, accumulate: 0)
    for point in 0..<points {
      product.a = a + point * from.point
      product.panel = matrices + (panel * points + point) * matrixPoint
      product.c = c + point * to.width
      kernels.multiply(&product)
    }
  }

  /// For one point `∂U_p += V_pᵀ · ∂M_p`.
  func addOuterProducts(
    _ v: UnsafePointer<Float>, _ from: WinogradPoints, _ m: UnsafePointer<Float>,
    _ to: WinogradPoints, _ tiles: Int, point: Int, to du: UnsafeMutablePointer<Float>,
    _ kernels: kernels
  ) {
    for panel in 0..<to.blocks {
      var product = outer_product(
        lines: 1, rows: tiles, columns: to.width, segments: from.blocks, length: from.width,
        a: v, a_line: 0, a_row: from.width, a_segment: from.block, g: m + panel * to.block,
        g_line: 0, g_row: to.width, d: du + (panel * points + point) * weightPoint)
      kernels.accumulate_outer(&product)
    }
  }

  /// `∂V_p = ∂M_p · U_pᵀ` with `v` as its memory, and `∂x += B ∂V Bᵀ` onto padded images.
  func addInputGradients(
    _ tiles: Range<Int>, from m: UnsafePointer<Float>, _ layout: WinogradPoints,
    by v: UnsafeMutablePointer<Float>, to padded: UnsafeMutablePointer<Float>,
    _ transforms: winograd, _ kernels: kernels
  ) {
    guard let transposed else { preconditionFailure("the data pass was not prepared") }
    for panel in 0..<inputs.blocks {
      multiply(
        m, layout, tiles.count, by: transposed, transposedPoint, panel: panel, into: v,
        inputPanel, kernels)
      for (slot, tile) in tiles.enumerated() {
        transforms.input_adjoint(
          v + slot * inputPanel.tile, inputPanel.width, inputPanel.width,
          padded + tiling.inputOffset(of: tiling.place(of: tile)) + panel * inputPanel.width,
          tiling.paddedWidth * tiling.inputs, tiling.inputs)
      }
    }
  }
}
